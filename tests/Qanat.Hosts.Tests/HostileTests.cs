using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using IPv4Address = Qanat.Packets.IPv4Address;
using static Qanat.Hosts.Tests.Packet;

namespace Qanat.Hosts.Tests;

public class HostileTests
{
    private static readonly byte[][] Samples =
    [
        Frame(EtherType.Arp, Arp(Our4)),
        Frame(EtherType.IPv4, IPv4(IpProtocol.Icmp, Echo())),
        Frame(EtherType.IPv4, IPv4(IpProtocol.Icmp, Echo(), options: [7, 15, 8, .. new byte[12], 0])),
        Frame(EtherType.IPv4, IPv4(IpProtocol.Icmp, Echo(), options: [68, 20, 5, 1, .. new byte[16]])),
        Frame(EtherType.IPv4, IPv4(IpProtocol.Udp, Udp([1, 2, 3]))),
        Frame(EtherType.IPv4, IPv4(IpProtocol.Tcp, Tcp(TcpFlags.Syn, []))),
        Frame(EtherType.IPv4, IPv4(IpProtocol.Icmp, new byte[64], more: true, offset: 64)),
        Frame(EtherType.IPv6, IPv6(IpProtocol.Icmpv6, Echo6())),
        Frame(EtherType.IPv6, IPv6(IpProtocol.HopByHopOptions, [58, 0, 5, 2, 0, 0, 1, 0, .. Echo6()])),
        Frame(EtherType.IPv6, IPv6(IpProtocol.Fragment, [58, 0, 0, 1, 0, 0, 0, 1, .. Echo6(56)])),
        Frame(EtherType.IPv6, IPv6(IpProtocol.Routing, [58, 0, 0, 0, 0, 0, 0, 0, .. Echo6()])),
        Frame(EtherType.IPv6, IPv6(IpProtocol.Icmpv6, Solicitation(Our6, Their6, Our6, [1, 1, 2, 1, 2, 3, 4, 5]))),
        Frame(EtherType.IPv6, IPv6(IpProtocol.Udp, Udp([1, 2, 3], over6: true))),
    ];

    [Theory]
    [InlineData(HostLink.Ethernet)]
    [InlineData(HostLink.Ip)]
    public void Mutated_packets_are_all_counted_and_answers_are_whole_and_go_to_single_hosts(HostLink link)
    {
        using var lab = new Lab(link);
        const int packets = 200_000;
        var random = new Random(5);
        for (var n = 0; n < packets; n += 100)
        {
            var mutants = new byte[100][];
            for (var i = 0; i < mutants.Length; i++)
                mutants[i] = Mutate(random, Samples[random.Next(Samples.Length)][(link == HostLink.Ip ? 14 : 0)..]);
            foreach (var answer in lab.Send(mutants))
                Assert.True(IsDecent(answer, link), Convert.ToHexString(answer));
            lab.Time.Advance(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(packets, lab.Host.Counters.Received);

        // And it still answers.
        Assert.Single(lab.Send(Samples[1][(link == HostLink.Ip ? 14 : 0)..]));
    }

    [Fact]
    public void What_is_not_for_us_is_never_answered() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
    {
        using var lab = new Lab(HostLink.Ip);
        var random = new Random(seed);
        var destination = new IPv4Address((uint)random.NextInt64(1L << 32));
        var packet = IPv4((IpProtocol)random.Next(256), Noise(random.Next(64)), destination: destination);
        return destination == Our4 || lab.Send(packet).Length == 0;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_answer_is_never_answered() => Prop.ForAll(Gen.Choose(0, Samples.Length - 1).ToArbitrary(), index =>
    {
        // Two hosts that are each other's neighbours do not keep each other busy.
        using var lab = new Lab();
        var swapped = new HostOptions
        {
            Link = HostLink.Ethernet, MacAddress = TheirMac, IPv4 = [new(Their4, 24)], IPv6 = [new(Their6, 64)],
        };
        var (port, other) = MemoryPort.Pair();
        using var neighbour = new Host(swapped, port, lab.Time);
        using var batch = new PacketBatch();
        foreach (var answer in lab.Send(Samples[index]))
            batch.TryAdd(answer);
        neighbour.Answer(batch);
        return other.Waiting == 0;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_is_allocated_for_a_packet()
    {
        using var lab = new Lab();
        using var host = new Host(lab.Options, new Sink(), TimeProvider.System);
        using var batch = new PacketBatch();
        foreach (var sample in Samples)
            batch.TryAdd(sample);
        foreach (var fragment in Fragments.Of4(IPv4(IpProtocol.Icmp, Echo(5000)), 1500))
            batch.TryAdd(Frame(EtherType.IPv4, fragment));
        foreach (var fragment in Fragments.Of6(IPv6(IpProtocol.Icmpv6, Echo6(5000)), 1500))
            batch.TryAdd(Frame(EtherType.IPv6, fragment));
        Repeat(200);
        Allocations.AssertNone(2000 * batch.Count, () => Repeat(2000));

        void Repeat(int times)
        {
            for (var i = 0; i < times; i++)
                host.Answer(batch);
        }
    }

    // An answer has right checksums and lengths, and goes to one host, or to all nodes as an advertisement may.
    private static bool IsDecent(byte[] answer, HostLink link)
    {
        ReadOnlySpan<byte> packet = answer;
        if (link == HostLink.Ethernet)
        {
            if (!EthernetHeader.TryParse(answer, out var frame) || frame.Source != OurMac || frame.Destination.IsBroadcast)
                return false;
            packet = frame.Payload;
            if (frame.EtherType == EtherType.Arp)
                return ArpHeader.TryParse(packet, out var reply) && reply.Operation == ArpOperation.Reply &&
                    reply.SenderProtocolAddress == Our4;
        }
        if (packet[0] >> 4 == 4)
            return IPv4Header.TryParse(packet, out var four) && four.HasValidChecksum && four.Source == Our4 &&
                !four.Destination.IsMulticast;
        return IPv6Header.TryParse(packet, out var six) && !six.Source.IsMulticast &&
            (!six.Destination.IsMulticast || six.Destination == Address6("ff02::1"));
    }

    private static byte[] Mutate(Random random, byte[] sample)
    {
        var mutant = (byte[])sample.Clone();
        if (random.Next(4) == 0)
            Array.Resize(ref mutant, random.Next(sample.Length + 16));
        for (var changes = random.Next(6); changes > 0 && mutant.Length > 0; changes--)
        {
            ref var at = ref mutant[random.Next(random.Next(2) == 0 ? Math.Min(64, mutant.Length) : mutant.Length)];
            at = random.Next(3) switch { 0 => 0, 1 => (byte)(at ^ 1 << random.Next(8)), _ => (byte)random.Next(256) };
        }
        // Half of the IPv4 headers get a right checksum again, so that what is behind it is reached.
        var ip = mutant.Length > 14 && mutant[0] >> 4 is not (4 or 6) ? 14 : 0;
        if (random.Next(2) == 0 && mutant.Length >= ip + 60 && mutant[ip] >> 4 == 4 && (mutant[ip] & 0xF) >= 5)
            IPv4Header.UpdateChecksum(mutant.AsSpan(ip));
        return mutant;
    }

    private sealed class Sink : IPort
    {
        public int Receive(PacketBatch batch) => 0;

        public int Send(PacketBatch batch) => batch.Count;

        public void Dispose()
        {
        }
    }
}
