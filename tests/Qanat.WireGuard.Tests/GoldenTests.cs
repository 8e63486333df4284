using System.Buffers.Binary;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using TwoHosts = Qanat.WireGuard.Tests.Devices.TwoHosts;

namespace Qanat.WireGuard.Tests;

/// <summary>
/// What real kernels put on the wire, with the private keys of both (<c>tests/golden</c>). All of an initiation can be computed
/// again with the responder's key; of what follows, all that does not come out of keys which only the kernels had.
/// </summary>
public class GoldenTests
{
    // The private keys of a, who begins, and of b.
    public static TheoryData<string, string, string> Captures => new()
    {
        { "wireguard", "AEIbJTaMLBo243YcZ9DfVTvf5ikWqK7Lo8lj8fGFLEM=", "+IXML758/pM7PrzQIpLHFztrW1MZCtxJhuD4Wqt2umI=" },
        { "wireguard-psk-v6", "KLpvrURmlHcXKA7O+lXPEL/kRCVwqoPrMz12JnCkLFo=", "SNCrJDGqcGh0QcwelIkdHIR1LM/rlA+MTzt4JBCdI2s=" },
        { "pmtu-wireguard", "2JCkXBF5rcjPdFTGnyaJxu7ctr6iuXP1xmn/afs9YXo=", "2D0KvlUK4vSThLBDuEKy0jRY29XW+oOQVK4PYfunkE0=" },
    };

    [Theory]
    [MemberData(nameof(Captures))]
    public void The_kernels_initiation_is_accepted_once_and_tells_when_it_was_made(string capture, string keyOfA, string keyOfB)
    {
        var sent = Datagrams(capture);
        using LocalIdentity a = new(Convert.FromBase64String(keyOfA)), b = new(Convert.FromBase64String(keyOfB));
        using var handshake = new Handshake(b, TimeProvider.System);
        using var checker = new CookieChecker(b, TimeProvider.System);
        using var peer = new HandshakePeer(b, a.PublicKey);
        Assert.Equal(CookieVerdict.Admitted, checker.Check(sent[0].Bytes, default(IPv4Address), 0, isUnderLoad: false));
        Assert.True(InitiationMessage.TryParse(sent[0].Bytes, out var initiation));
        Assert.Equal(HandshakeVerdict.Accepted, handshake.ConsumeInitiation(initiation, Find, out _));
        Assert.Equal(HandshakeVerdict.Replayed, handshake.ConsumeInitiation(initiation, Find, out _));
        Assert.Equal(0u, peer.NewestReceived.Nanoseconds % (1 << 24));
        var seconds = (long)(peer.NewestReceived.Seconds - Tai64n.From(DateTimeOffset.UnixEpoch).Seconds);
        Assert.InRange(seconds - sent[0].Time.ToUnixTimeSeconds(), -5, 5); // by the guest's clock and the host's

        HandshakePeer? Find(PublicKey key) => key == a.PublicKey ? peer : null;
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Sealed_again_it_is_the_kernels_byte_for_byte(string capture, string keyOfA, string keyOfB)
    {
        var sent = Datagrams(capture)[0].Bytes;
        using LocalIdentity a = new(Convert.FromBase64String(keyOfA)), b = new(Convert.FromBase64String(keyOfB));
        using var mac = new Blake2sMac(b.Hashes.Mac1Key);
        using var opening = new SymmetricState();
        using var sealing = new SymmetricState();
        byte[] again = [.. sent[..InitiationMessage.StaticOffset], .. new byte[InitiationMessage.Size - InitiationMessage.StaticOffset]];
        var (publicKey, timestamp) = (InitiationMessage.StaticOffset..InitiationMessage.TimestampOffset,
            InitiationMessage.TimestampOffset..InitiationMessage.MacsOffset);
        using var peer = new HandshakePeer(b, a.PublicKey);
        foreach (var state in (SymmetricState[])[opening, sealing])
        {
            state.Begin(b.Hashes.ChainingKey, b.Hashes.Hash);
            state.MixEphemeral(sent.AsSpan(InitiationMessage.EphemeralOffset, X25519.KeyLength));
            Assert.True(state.TryMixAgreement(b.Key, sent.AsSpan(InitiationMessage.EphemeralOffset, X25519.KeyLength)));
        }
        a.PublicKey.CopyTo(again.AsSpan(InitiationMessage.StaticOffset));
        sealing.Seal(again.AsSpan()[publicKey]);
        Assert.True(opening.TryOpen(sent.AsSpan()[publicKey], new byte[PublicKey.Size]));
        sealing.MixKey(peer.StaticSecret!.Bytes);
        opening.MixKey(peer.StaticSecret!.Bytes);
        Assert.True(opening.TryOpen(sent.AsSpan()[timestamp], again.AsSpan(InitiationMessage.TimestampOffset, Tai64n.Size)));
        sealing.Seal(again.AsSpan()[timestamp]);
        mac.Compute(Macs.BeforeMac1(again), again.AsSpan(InitiationMessage.MacsOffset, Blake2sMac.Length));
        Assert.Equal(sent, again);
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Codes_indices_and_numbers_are_as_we_have_them(string capture, string keyOfA, string keyOfB)
    {
        var sent = Datagrams(capture);
        using LocalIdentity a = new(Convert.FromBase64String(keyOfA)), b = new(Convert.FromBase64String(keyOfB));
        using CookieChecker atA = new(a, TimeProvider.System), atB = new(b, TimeProvider.System);
        Assert.True(ResponseMessage.TryParse(sent[1].Bytes, out var response));
        Assert.Equal(CookieVerdict.Admitted, atA.Check(sent[1].Bytes, default(IPv4Address), 0, isUnderLoad: false));
        Assert.Equal(CookieVerdict.InvalidMac1, atB.Check(sent[1].Bytes, default(IPv4Address), 0, isUnderLoad: false));
        Assert.True(InitiationMessage.TryParse(sent[0].Bytes, out var initiation));
        Assert.Equal(initiation.Sender, response.Receiver);

        ulong[] next = [0, 0];
        foreach (var (_, fromA, bytes) in sent.Skip(2))
        {
            Assert.True(TransportMessage.TryParse(bytes, out var message));
            Assert.Equal(fromA ? response.Sender : initiation.Sender, message.Receiver);
            Assert.Equal(next[fromA ? 0 : 1]++, message.Counter);
        }
    }

    // The packets that a's pings made; the shortest fragment has 21 bytes, and is padded as 28 are, which carry a number here.
    [Theory]
    [InlineData("wireguard", 3, 84, 84, 104, 84, 84, 1420, 1420, 28, 1420, 1420, 228)]
    [InlineData("wireguard-psk-v6", 0, 84, 84)]
    [InlineData("pmtu-wireguard", 0, 1408)]
    public void The_same_packets_make_the_same_datagrams(string capture, int keepalives, params int[] lengths)
    {
        using var hosts = new TwoHosts();
        foreach (var length in lengths)
        {
            hosts.Left.Send(hosts.Right, 0, length);
            hosts.Network.Run(0.01);
        }
        if (keepalives > 0)
        {
            hosts.Left.Device.SetPersistentKeepalive(hosts.RightAtLeft, TimeSpan.FromSeconds(1));
            hosts.Left.Settle();
            hosts.Network.Run(keepalives - 0.5);
        }
        Assert.Equal(
            Datagrams(capture).Where(datagram => datagram.FromA).Select(datagram => Shape(datagram.Bytes)),
            hosts.Seen.Where(seen => seen.Sender == hosts.Left).Select(seen => Shape(seen.Datagram)));
    }

    // What two ends have in common: type and reserved bytes, the number of a packet, the length.
    private static string Shape(byte[] datagram) => TransportMessage.TryParse(datagram, out var message)
        ? $"{Convert.ToHexString(datagram[..4])} {message.Counter} {datagram.Length}"
        : $"{Convert.ToHexString(datagram[..4])} {datagram.Length}";

    // A's port is 51820, and b's the next.
    private static List<(DateTimeOffset Time, bool FromA, byte[] Bytes)> Datagrams(string capture) =>
        [.. from frame in Golden.Load(capture).Frames
            let packet = frame.Packet.Span[0] >> 4 == 4 ? frame.Packet[IPv4Header.MinSize..] : frame.Packet[IPv6Header.Size..]
            let source = BinaryPrimitives.ReadUInt16BigEndian(packet.Span)
            where source is 51820 or 51821
            select (frame.Time, source == 51820, packet[UdpHeader.Size..].ToArray())];
}
