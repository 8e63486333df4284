using Qanat.Packets;
using Qanat.Testing;
using Qanat.Tunnels.Modes;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

/// <summary>
/// Plays the captures of two real kernels (tests/golden) again, IP id aside. a is 192.0.2.2, b is 192.0.2.1 (198.51.100.1
/// behind a router).
/// </summary>
internal static class GoldenReplay
{
    public static IPv4Address A { get; } = Ip("192.0.2.2");

    public static IPv4Address B { get; } = Ip("192.0.2.1");

    public static IPv4Address FarB { get; } = Ip("198.51.100.1");

    /// <summary>
    /// Feeds the inner packets of what one end sent to an engine in its place, which must send the same, and that to an engine
    /// in the place of the other end, which must get the inner packets out again. Returns how many.
    /// </summary>
    public static int Replay(
        string capture, TunnelParameters sender, TunnelParameters receiver, Action<TunnelHost>? prepare = null, bool unchanged = true)
    {
        using TunnelHost from = new(sender), to = new(receiver);
        prepare?.Invoke(from);
        prepare?.Invoke(to);
        var replayed = 0;
        foreach (var fragments in Datagrams(capture, sender.Local.IPv4, TunnelModes.Get(sender.Mode).OuterProtocol(EtherType.IPv6)))
        {
            var outer = Reassembled(fragments);
            var inner = InnerOf(outer);
            var sent = from.FromDevice(inner).Sent;
            Assert.Equal(fragments.Select(packet => WithoutId(packet)), sent.Select(packet => WithoutId(packet)));
            if (unchanged)
                Assert.Equal(inner, Assert.Single(to.FromWire(outer).Delivered));
            replayed++;
        }
        Assert.Empty(from.Errors);
        return replayed;
    }

    /// <summary>The same for both directions of two ends that are each other's mirror image.</summary>
    public static int ReplayBoth(string capture, TunnelParameters parameters, Action<TunnelHost>? prepare = null, bool pointToPoint = true)
    {
        var a = parameters with { Local = A, Remote = pointToPoint ? B : Ip("0.0.0.0") };
        var b = parameters with { Local = B, Remote = pointToPoint ? A : Ip("0.0.0.0") };
        return Replay(capture, a, b, prepare) + Replay(capture, b, a, prepare);
    }

    /// <summary>The packets of a capture.</summary>
    public static IEnumerable<byte[]> Captured(string capture) => Golden.Load(capture).Packets.Select(packet => packet.ToArray());

    /// <summary>The source of an IPv4 packet.</summary>
    public static IPv4Address From(byte[] packet) => IPv4Address.Read(packet.AsSpan(12));

    /// <summary>The packet with that source.</summary>
    public static byte[] WithSource(byte[] packet, IPv4Address source)
    {
        source.Write(packet.AsSpan(12));
        return packet;
    }

    /// <summary>What a tunnel's packet carries.</summary>
    public static byte[] InnerOf(byte[] outer)
    {
        Assert.True(OuterPacket.TryParse(outer, 0, out var parsed) && parsed.IsWhole);
        Assert.True(PayloadReader.TryRead(parsed, out var header, out _, out _, out _));
        return parsed.Payload[header.Length..].ToArray();
    }

    /// <summary>The tunnel's packets that one end sent, those of one datagram together.</summary>
    public static IEnumerable<List<byte[]>> Datagrams(string capture, IPv4Address source, IpProtocol protocol)
    {
        List<byte[]>? open = null;
        foreach (var packet in Captured(capture))
        {
            Assert.True(IPv4Header.TryParse(packet, out var header));
            if (header.Source != source || header.Protocol != protocol)
                continue;
            (open ??= []).Add(packet);
            if (header.MoreFragments)
                continue;
            yield return open;
            open = null;
        }
    }

    /// <summary>A datagram as the kernel hands it to a raw socket.</summary>
    public static byte[] Reassembled(List<byte[]> fragments)
    {
        byte[] whole = [.. fragments[0][..20], .. fragments.SelectMany(fragment => fragment[20..])];
        if (fragments.Count == 1)
            return whole;
        whole[6] = 0;
        IPv4Header.SetTotalLength(whole, whole.Length);
        IPv4Header.UpdateChecksum(whole);
        return whole;
    }
}
