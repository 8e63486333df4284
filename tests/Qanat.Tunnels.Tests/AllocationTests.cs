using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests;

public class AllocationTests
{
    [Fact]
    public void No_packet_costs_an_allocation_either_way()
    {
        using PacketBatch inner = new(), outer = new(), sending = new(), reporting = new(), delivering = new();
        var wire = new SinkPort();
        var device = new SinkPort();
        var underlay = new FakeUnderlay();
        using var engine = new TunnelEngine(underlay, new(wire, sending), new(new SinkPort(), reporting), new ManualTime());
        var tunnel = new Tunnel(7, "tun7", new() { Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") })
        {
            Up = true, Device = new(device, delivering), Coalescing = new(1480),
        };
        engine.Add(tunnel);
        for (var i = 0; i < 32; i++)
        {
            Assert.True(inner.TryAdd(Inner(length: i % 2 == 0 ? 1480 : 60)));
            Assert.True(outer.TryAdd(Outer(Inner(length: i % 2 == 0 ? 1480 : 60))));
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

    /// <summary>Takes everything and keeps nothing.</summary>
    private sealed class SinkPort : IPort
    {
        public int Taken { get; private set; }

        public int Receive(PacketBatch batch) => 0;

        public int Send(PacketBatch batch)
        {
            Taken += batch.Count;
            return batch.Count;
        }

        public void Dispose()
        {
        }
    }
}
