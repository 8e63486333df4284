using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

public class AllocationTests
{
    private static readonly TunnelParameters s_both = new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };
    private static readonly TunnelParameters s_fromAny = s_both with { Mode = TunnelMode.Sit, Remote = Ip("0.0.0.0") };

    public static TheoryData<string, TunnelParameters, byte[], byte[]> Modes => new()
    {
        { "ipip", s_both, Inner(1480), Inner() },
        { "gre", s_both with { Mode = TunnelMode.Gre, Gre = s_fields }, Inner(1464), Inner6() },
        { "gretap", s_both with { Mode = TunnelMode.Gretap }, Frame(Inner()), Frame(Inner6()) },
        { "sit", s_both with { Mode = TunnelMode.Sit }, Inner6(1480), Inner6() },
        { "sit to anybody", s_fromAny, Compatible(1480), Compatible(100) },
        { "minimal", s_both with { Mode = TunnelMode.Minimal }, Inner(1480), Inner() },
        {
            "isatap", s_fromAny with { Mode = TunnelMode.Isatap, Sit = new() { Routers = [new(Ip("192.0.2.1"), true)] } },
            Inner6(destination: "fe80::5efe:c000:201"), Inner6(1480, destination: "fe80::5efe:c000:201")
        },
    };

    private static readonly GreParameters s_fields = new() { InputKey = 5, OutputKey = 5, InputChecksum = true, OutputChecksum = true };

    [Theory]
    [MemberData(nameof(Modes), DisableDiscoveryEnumeration = true)]
    public void No_packet_costs_an_allocation_either_way(string mode, TunnelParameters parameters, byte[] one, byte[] other)
    {
        using PacketBatch inner = new(), outer = new(), sending = new(), reporting = new(), delivering = new();
        var wire = new SinkPort();
        var device = new SinkPort();
        var underlay = new FakeUnderlay();
        using var engine = new TunnelEngine(underlay, new(wire, sending), new(new SinkPort(), reporting), new ManualTime());
        var tunnel = new Tunnel(7, mode, parameters) { Up = true, Device = new(device, delivering), Coalescing = new(1480) };
        engine.Add(tunnel);
        using var far = new TunnelHost(parameters with { Local = Ip("192.0.2.1"), Remote = Ip("192.0.2.2") });
        for (var i = 0; i < 32; i++)
        {
            Assert.True(inner.TryAdd(i % 2 == 0 ? one : other));
            Assert.True(outer.TryAdd(far.FromDevice(i % 2 == 0 ? one : other).Sent is [var sent] ? sent : Outer6(one)));
        }

        Pass(200);
        Allocations.AssertNone(packets: 2 * 200 * 32, () => Pass(200));
        Assert.Equal((400 * 32, 400 * 32), (wire.Taken, device.Taken));

        void Pass(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                engine.FromDevice(tunnel, inner);
                engine.FromWire(outer);
            }
        }
    }

    private static byte[] Frame(byte[] packet) => [.. new byte[12], .. packet[0] >> 4 == 4 ? new byte[] { 8, 0 } : [0x86, 0xDD], .. packet];

    private static byte[] Compatible(int length) => Inner6(length, destination: "::192.0.2.1");
}
