using Qanat.Packets.Tests.Fragments;
using Qanat.Testing;
using Xunit;

namespace Qanat.Packets.Tests.Headers;

/// <summary>
/// More than a million packets, changed at random from good ones or random altogether, in memory that ends in a guard
/// page: no parser throws, reads beyond the packet, or shows a view of anything else.
/// </summary>
public class MutationTests
{
    private const int PacketsPerFamily = 300_000;
    private const int LongestSample = 2048;

    [Fact]
    public void Ethernet_frames() => Run(1, EthernetSamples(), Views.ReadEthernet);

    [Fact]
    public void IPv4_packets() => Run(2, [.. IPv4Samples(), .. GoldenSamples()], Views.ReadIPv4);

    [Fact]
    public void IPv6_packets() => Run(3, IPv6Samples(), Views.ReadIPv6);

    [Fact]
    public void Transport_segments_and_messages() => Run(4, TransportSamples(), Views.ReadTransports);

    // What is made of hostile packets, the kernel and the far end must be able to read.
    [Fact]
    public void Errors_about_IPv4_packets() => Run(5, [.. IPv4Samples(), .. GoldenSamples()], packet =>
    {
        Span<byte> error = stackalloc byte[IcmpError.MaxLength];
        if (!IcmpError.TimeToLiveExceeded.TryBuild(packet, SamplePackets.There, 1, error, out var length))
            return 0;
        if (!IPv4Header.TryParse(error[..length], out var header) || !header.HasValidChecksum ||
            !IcmpHeader.TryParse(header.Payload, out var icmp) || !icmp.HasValidChecksum || !packet.StartsWith(icmp.OriginalDatagram))
            Assert.Fail($"No valid error: {Convert.ToHexString(error[..length])}");
        return 1;
    });

    [Fact]
    public void Errors_about_IPv6_packets() => Run(6, IPv6Samples(), packet =>
    {
        Span<byte> error = stackalloc byte[Icmpv6Error.MaxLength];
        if (!Icmpv6Error.HopLimitExceeded.TryBuild(packet, SamplePackets.There6, error, out var length))
            return 0;
        if (!IPv6Header.TryParse(error[..length], out var header) || !Icmpv6Header.TryParse(header.Payload, out var icmp) ||
            !icmp.HasValidChecksum(header.Source, header.Destination) || !packet.StartsWith(icmp.OriginalDatagram))
            Assert.Fail($"No valid error: {Convert.ToHexString(error[..length])}");
        return 1;
    });

    [Fact]
    public void Fragments_of_IPv4_packets()
    {
        using var collector = new FragmentCollector();
        var random = new Random(7);
        Run(7, [.. IPv4Samples(), .. GoldenSamples()], packet =>
        {
            var mtu = random.Next(20, 1600);
            var count = IPv4Fragmenter.Fragment(packet, mtu, collector.Queue);
            var payload = 0;
            foreach (var fragment in collector.Take())
            {
                if (!IPv4Header.TryParse(fragment, out var header) || header.Packet.Length > mtu || count > 1 && !header.HasValidChecksum)
                    Assert.Fail($"No valid fragment: {Convert.ToHexString(fragment)}");
                payload += header.Payload.Length;
            }
            if (count > 0 && (!IPv4Header.TryParse(packet, out var original) || payload != original.Payload.Length))
                Assert.Fail($"Not the whole payload: {Convert.ToHexString(packet)}");
            return count;
        }, packets: 50_000);
    }

    private delegate int Reader(ReadOnlySpan<byte> packet);

    private static void Run(int seed, byte[][] samples, Reader read, int packets = PacketsPerFamily)
    {
        using var memory = new GuardedMemory(2 * LongestSample);
        var random = new Random(seed);
        var accepted = 0;
        for (var i = 0; i < packets; i++)
            accepted += read(PacketMutator.Mutate(random, samples[random.Next(samples.Length)], memory)) > 0 ? 1 : 0;

        // Mutations that nothing accepts, or that all is well with, would test nothing.
        Assert.InRange(accepted, packets / 20, packets - packets / 20);
    }

    private static byte[][] GoldenSamples() =>
    [
        .. Golden.Names.SelectMany(name => Golden.Load(name).Packets).Select(packet => packet.ToArray())
            .Where(packet => packet.Length <= LongestSample),
    ];

    private static byte[][] TransportSamples() =>
    [
        SamplePackets.TcpSyn,
        [.. SamplePackets.TcpSyn, .. SamplePackets.Noise(100)],
        SamplePackets.Udp(SamplePackets.Noise(40)),
        SamplePackets.IcmpEcho(),
        [3, 4, 0, 0, 0, 0, 5, 0x78, .. SamplePackets.IPv4(IpProtocol.IpIp, SamplePackets.IPv4(IpProtocol.Tcp, SamplePackets.TcpSyn))],
        [11, 0, 0, 0, 0, 32, 0, 0, .. SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Udp(new byte[300]))],
        [1, 0, 0, 0, 16, 0, 0, 0, .. SamplePackets.IPv6(IpProtocol.Udp, SamplePackets.Udp(new byte[300]))],
    ];

    private static byte[][] IPv4Samples() =>
    [
        SamplePackets.IPv4(IpProtocol.Tcp, SamplePackets.TcpSyn),
        SamplePackets.IPv4(IpProtocol.Udp, SamplePackets.Udp(SamplePackets.Noise(40)), options: [7, 11, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0]),
        SamplePackets.IPv4(IpProtocol.IpIp, SamplePackets.IPv4(IpProtocol.Icmp, SamplePackets.IcmpEcho())),
        .. TransportSamples()[4..6].Select(message => SamplePackets.IPv4(IpProtocol.Icmp, message)),
    ];

    private static byte[][] IPv6Samples() =>
    [
        SamplePackets.IPv6(IpProtocol.Tcp, SamplePackets.TcpSyn),
        SamplePackets.IPv6(IpProtocol.HopByHopOptions,
            [.. SamplePackets.Extension(IpProtocol.Routing, 1), .. SamplePackets.Extension(IpProtocol.DestinationOptions),
                .. SamplePackets.Extension(IpProtocol.Udp, 2), .. SamplePackets.Udp(SamplePackets.Noise(40))]),
        SamplePackets.IPv6(IpProtocol.Fragment,
        [
            .. SamplePackets.FragmentHeader(IpProtocol.Ah, 0, true, 1),
            (byte)IpProtocol.Tcp, 4, .. new byte[22],
            .. SamplePackets.TcpSyn,
        ]),
        SamplePackets.IPv6(IpProtocol.Icmpv6, TransportSamples()[6]),
        SamplePackets.IPv6(IpProtocol.IPv6, SamplePackets.IPv6(IpProtocol.Udp, SamplePackets.Udp([1]))),
    ];

    private static byte[][] EthernetSamples()
    {
        var arp = new byte[ArpHeader.Size];
        ArpHeader.Write(arp, ArpOperation.Request, new(1), SamplePackets.Here, default, SamplePackets.There);
        VlanTag service = new(EtherType.ServiceVlan, 7), customer = new(EtherType.Vlan, 0x2042);
        return
        [
            SamplePackets.Ethernet(EtherType.Arp, arp),
            .. IPv4Samples().Select(packet => SamplePackets.Ethernet(EtherType.IPv4, packet, customer)),
            .. IPv6Samples().Select(packet => SamplePackets.Ethernet(EtherType.IPv6, packet, service, customer)),
        ];
    }
}
