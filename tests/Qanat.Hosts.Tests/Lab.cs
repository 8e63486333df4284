using Qanat.Packets;

namespace Qanat.Hosts.Tests;

/// <summary>A host under test, and a neighbour of its who sends packets and sees what comes back.</summary>
internal sealed class Lab : IDisposable
{
    private readonly MemoryPort _port, _neighbour;
    private readonly PacketBatch _batch = new(), _answers = new();

    public Lab(HostLink link = HostLink.Ethernet, int mtu = 1500)
    {
        (_port, _neighbour) = MemoryPort.Pair();
        Options = new()
        {
            Link = link,
            MacAddress = link == HostLink.Ethernet ? Packet.OurMac : default,
            Mtu = mtu,
            IPv4 = [new(Packet.Our4, 24)],
            IPv6 = [new(Packet.Our6, 64)],
        };
        Host = new(Options, _port, Time);
    }

    public HostOptions Options { get; }

    public Host Host { get; }

    public ManualTime Time { get; } = new();

    /// <summary>Sends frames (or packets); the answer is what came back.</summary>
    public byte[][] Send(params byte[][] frames)
    {
        foreach (var frame in frames)
        {
            if (!_batch.TryAdd(frame))
                Flush();
        }
        Flush();
        List<byte[]> answers = [];
        while (_neighbour.Receive(_answers) > 0)
        {
            for (var i = 0; i < _answers.Count; i++)
                answers.Add(_answers.Bytes(i).ToArray());
            _answers.Clear();
        }
        return [.. answers];

        void Flush()
        {
            Host.Answer(_batch);
            _batch.Clear();
        }
    }

    /// <summary>As <see cref="Send"/> for one frame that must have one answer.</summary>
    public byte[] Ask(byte[] frame) => Send(frame) is [var answer] ? answer : throw new InvalidOperationException("Not one answer.");

    /// <summary>True when the frame gets no answer, and is counted as told.</summary>
    public bool Ignores(byte[] frame, HostEvent why)
    {
        var before = Host.Counters[why];
        return Send(frame).Length == 0 && Host.Counters[why] == before + 1;
    }

    public void Dispose()
    {
        Host.Dispose();
        _batch.Dispose();
        _answers.Dispose();
    }
}
