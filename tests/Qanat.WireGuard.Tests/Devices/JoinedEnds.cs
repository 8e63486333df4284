using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard.Tests.Simulation;

namespace Qanat.WireGuard.Tests.Devices;

/// <summary>
/// Two devices of which each receives at once what the other sends, whole batches, so that only their own work is there to measure.
/// </summary>
internal sealed class JoinedEnds : IDisposable
{
    public static readonly IPv4Address LeftInner = new(0x0A000001), RightInner = new(0x0A000002);

    private static readonly Endpoint s_left = new(new IPv4Address(0xC0000201), 1), s_right = new(new IPv4Address(0xC0000202), 2);

    private readonly End _left = new(s_left), _right = new(s_right);

    public JoinedEnds()
    {
        var time = new SimulatedTime();
        _left.Open(time);
        _right.Open(time);
        RightAtLeft = _left.Device.Add(_right.Device.PublicKey)!;
        _left.Device.Allow(RightAtLeft, new(RightInner, 32));
        _left.Device.SetEndpoint(RightAtLeft, s_right);
        var leftAtRight = _right.Device.Add(_left.Device.PublicKey)!;
        _right.Device.Allow(leftAtRight, new(LeftInner, 32));
    }

    public Peer RightAtLeft { get; }

    /// <summary>Datagrams that the left end sent.</summary>
    public int Datagrams => _left.Datagrams;

    /// <summary>Packets that came out at the right end.</summary>
    public int Delivered => _right.Delivered;

    /// <summary>Their bytes.</summary>
    public int DeliveredBytes => _right.DeliveredBytes;

    /// <summary>Has packets go from left to right, and back what follows from them.</summary>
    public void Pass(PacketBatch inner)
    {
        _left.Device.FromDevice(inner);
        for (var i = 0; i < 3; i++) // as many ways as a handshake has
        {
            _left.HandOver(_right);
            _right.HandOver(_left);
        }
    }

    /// <summary>Counts from 0 again.</summary>
    public void Forget()
    {
        foreach (var end in (ReadOnlySpan<End>)[_left, _right])
            (end.Datagrams, end.Delivered, end.DeliveredBytes) = (0, 0, 0);
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }

    private sealed class End(Endpoint here) : IWire, IPort
    {
        private readonly PacketBatch _sent = new(512, 1 << 20), _delivered = new(128, 1 << 19);
        private readonly Endpoint[] _here = [.. Enumerable.Repeat(here, 512)];

        public int Datagrams, Delivered, DeliveredBytes;

        public WireGuardDevice Device { get; private set; } = null!;

        public void Open(TimeProvider time)
        {
            Device = new(this, new(this, _delivered), new(WireGuardDevice.DefaultMtu), time);
            using var key = X25519.GeneratePrivateKey();
            Device.SetPrivateKey(key.Bytes);
            Device.Start();
        }

        public void HandOver(End other)
        {
            other.Device.FromWire(_sent, _here);
            _sent.Clear();
        }

        public void Send(PacketBatch datagrams, ReadOnlySpan<Endpoint> endpoints)
        {
            Datagrams += datagrams.Count;
            for (var i = 0; i < datagrams.Count; i++)
                _sent.TryAdd(datagrams.Bytes(i));
        }

        public int Send(PacketBatch batch)
        {
            Delivered += batch.Count;
            for (var i = 0; i < batch.Count; i++)
                DeliveredBytes += batch[i].Length;
            return batch.Count;
        }

        public int Receive(PacketBatch batch) => 0;

        public void Dispose()
        {
            Device.Dispose();
            _sent.Dispose();
            _delivered.Dispose();
        }
    }
}
