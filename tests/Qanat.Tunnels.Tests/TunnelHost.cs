using Qanat.Packets;
using Xunit;

namespace Qanat.Tunnels.Tests;

/// <summary>One host in memory: an engine between a device, a wire and a way out for ICMP errors, its clock in the test's hand.</summary>
internal sealed class TunnelHost : IDisposable
{
    public const int DeviceIndex = 7;

    private readonly PacketBatch _in = new(), _out = new(capacity: 512);
    private readonly MemoryPort _wire, _errors, _device;
    private readonly PacketQueue _deviceQueue;

    public TunnelHost(TunnelParameters? parameters = null)
    {
        (var wire, _wire) = MemoryPort.Pair();
        (var errors, _errors) = MemoryPort.Pair();
        (var device, _device) = MemoryPort.Pair();
        _deviceQueue = new(device, new PacketBatch());
        Engine = new(Underlay, new(wire, new PacketBatch()), new(errors, new PacketBatch()), Time);
        if (parameters is not null)
            Tunnel = AddTunnel(DeviceIndex, parameters);
    }

    public ManualTime Time { get; } = new();

    public FakeUnderlay Underlay { get; } = new();

    public TunnelEngine Engine { get; }

    public Tunnel Tunnel { get; } = null!;

    /// <summary>Outer packets sent and not looked at yet.</summary>
    public List<byte[]> Sent => Drain(_wire);

    /// <summary>ICMP errors sent and not looked at yet.</summary>
    public List<byte[]> Errors => Drain(_errors);

    /// <summary>Inner packets that the device was given and that were not looked at yet.</summary>
    public List<byte[]> Delivered => Drain(_device);

    public Tunnel AddTunnel(int index, TunnelParameters parameters, bool up = true)
    {
        var tunnel = new Tunnel(index, $"tun{index}", parameters) { Up = up, Device = _deviceQueue };
        Engine.Add(tunnel);
        return tunnel;
    }

    public TunnelHost FromDevice(params ReadOnlySpan<byte[]> packets)
    {
        Engine.FromDevice(Tunnel, Fill(packets));
        return this;
    }

    public TunnelHost FromWire(params ReadOnlySpan<byte[]> packets)
    {
        Engine.FromWire(Fill(packets));
        return this;
    }

    public TunnelHost FromIcmp(params ReadOnlySpan<byte[]> packets)
    {
        Engine.FromIcmp(Fill(packets));
        return this;
    }

    public void Dispose()
    {
        Engine.Dispose();
        _in.Dispose();
        _out.Dispose();
    }

    private PacketBatch Fill(ReadOnlySpan<byte[]> packets)
    {
        _in.Clear();
        foreach (var packet in packets)
            Assert.True(_in.TryAdd(packet));
        return _in;
    }

    private List<byte[]> Drain(MemoryPort port)
    {
        var packets = new List<byte[]>();
        for (_out.Clear(); port.Receive(_out) > 0; _out.Clear())
            for (var i = 0; i < _out.Count; i++)
            {
                ChecksumOffload.Complete(_out.Bytes(i), _out[i]); // as a socket does
                packets.Add(_out.Bytes(i).ToArray());
            }
        return packets;
    }
}

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => new(_ticks, TimeSpan.Zero);

    public void Advance(TimeSpan by) => _ticks += by.Ticks;
}
