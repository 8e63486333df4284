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
    private int _whole;

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

    /// <summary>Outer packets as <see cref="Sent"/> has them, and how many they were before a socket cut them.</summary>
    public (List<byte[]> Packets, int Whole) SentWhole()
    {
        var packets = Drain(_wire);
        return (packets, _whole);
    }

    /// <summary>ICMP errors sent and not looked at yet.</summary>
    public List<byte[]> Errors => Drain(_errors);

    /// <summary>The same errors' links, instead.</summary>
    public List<int> ErrorLinks
    {
        get
        {
            _out.Clear();
            _errors.Receive(_out);
            return [.. Enumerable.Range(0, _out.Count).Select(i => _out[i].Link)];
        }
    }

    /// <summary>Inner packets that the device was given and that were not looked at yet.</summary>
    public List<byte[]> Delivered => Drain(_device, Tunnel?.Mode.CarriesFrames is true ? EthernetHeader.MinSize : 0);

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

    private List<byte[]> Drain(MemoryPort port, int linkLength = 0)
    {
        var packets = new List<byte[]>();
        _whole = 0;
        for (_out.Clear(); port.Receive(_out) > 0; _out.Clear())
            for (var i = 0; i < _out.Count; i++, _whole++)
                packets.AddRange(Cut(_out.Bytes(i), _out[i], linkLength));
        return packets;
    }

    // As a socket does.
    private static List<byte[]> Cut(Span<byte> packet, PacketInfo info, int linkLength)
    {
        var packets = new List<byte[]>();
        if (info.Gso == GsoType.None)
        {
            ChecksumOffload.Complete(packet, info);
            return [packet.ToArray()];
        }
        Assert.True(InnerSegments.TryStart(packet, linkLength, ref info, out var segments));
        while (segments.NextLength > 0)
        {
            var segment = new byte[segments.NextLength];
            segments.WriteNext(segment);
            packets.Add(segment);
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
