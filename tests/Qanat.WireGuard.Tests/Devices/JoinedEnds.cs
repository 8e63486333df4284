using System.Buffers.Binary;
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

    private readonly AeadCrew _crew;

    /// <summary>Opens both.</summary>
    /// <param name="helpers">Threads that help them to seal and open.</param>
    public JoinedEnds(int helpers = 0)
    {
        _crew = new(helpers);
        var time = new SimulatedTime();
        _left.Open(time, _crew);
        _right.Open(time, _crew);
        RightAtLeft = _left.Device.Add(_right.Device.PublicKey)!;
        _left.Device.Allow(RightAtLeft, new(RightInner, 32));
        _left.Device.SetEndpoint(RightAtLeft, s_right);
        LeftAtRight = _right.Device.Add(_left.Device.PublicKey)!;
        _right.Device.Allow(LeftAtRight, new(LeftInner, 32));
    }

    public Peer RightAtLeft { get; }

    public Peer LeftAtRight { get; }

    /// <summary>Datagrams that the left end sent.</summary>
    public int Datagrams => _left.Datagrams;

    /// <summary>Packets that came out at the right end.</summary>
    public int Delivered => _right.Delivered;

    /// <summary>Their bytes.</summary>
    public int DeliveredBytes => _right.DeliveredBytes;

    /// <summary>Traffic classes of what the left end sent.</summary>
    public List<byte> TrafficClasses => _left.TrafficClasses;

    /// <summary>Takes down the numbers of the packets that come out at the right end, if it is there.</summary>
    public List<ulong>? Numbers { set => _right.Numbers = value; }

    /// <summary>The last packet that came out at the right end.</summary>
    public ReadOnlySpan<byte> LastDelivered => _right.Last.AsSpan(0, _right.LastLength);

    /// <summary>What the network makes of the traffic class of what the left end sends; by default nothing else.</summary>
    public byte? TrafficClassOnTheWay { set => _left.OnTheWay = value; }

    /// <summary>Has addresses of IPv6 on both sides as well.</summary>
    public void RouteIPv6(IPv6Address left, IPv6Address right)
    {
        _left.Device.Allow(RightAtLeft, new(right, 128));
        _right.Device.Allow(LeftAtRight, new(left, 128));
    }

    /// <summary>Has the left end send an empty message.</summary>
    public void SendKeepalive() => _left.Device.SetPersistentKeepalive(RightAtLeft, TimeSpan.FromSeconds(1));

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
        _left.TrafficClasses.Clear();
        foreach (var end in (ReadOnlySpan<End>)[_left, _right])
            (end.Datagrams, end.Delivered, end.DeliveredBytes) = (0, 0, 0);
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
        _crew.Dispose();
    }

    private sealed class End(Endpoint here) : IWire, IPort
    {
        private readonly PacketBatch _sent = new(512, 1 << 20), _delivered = new(128, 1 << 19);
        private readonly Endpoint[] _here = [.. Enumerable.Repeat(here, 512)];

        public int Datagrams, Delivered, DeliveredBytes, LastLength;
        public byte? OnTheWay;
        public List<ulong>? Numbers;

        public List<byte> TrafficClasses { get; } = new(1 << 10);

        public byte[] Last { get; } = new byte[PacketBatch.MaxPacketLength];

        public WireGuardDevice Device { get; private set; } = null!;

        public void Open(TimeProvider time, AeadCrew crew)
        {
            Device = new(this, new(this, _delivered), new(WireGuardDevice.DefaultMtu), time, crew: crew);
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
            for (var i = 0; i < datagrams.Count; i++)
            {
                var info = datagrams[i];
                Datagrams += info.Gso == GsoType.UdpL4 ? (info.Length + info.GsoSize - 1) / info.GsoSize : 1;
                TrafficClasses.Add(info.TrafficClass);
                _sent.TryAdd(datagrams.Bytes(i));
                ref var copy = ref _sent[_sent.Count - 1];
                (copy.Gso, copy.GsoSize, copy.TrafficClass) = (info.Gso, info.GsoSize, OnTheWay ?? info.TrafficClass);
            }
        }

        public int Send(PacketBatch batch)
        {
            Delivered += batch.Count;
            for (var i = 0; i < batch.Count; i++)
            {
                DeliveredBytes += batch[i].Length;
                Numbers?.Add(BinaryPrimitives.ReadUInt64LittleEndian(batch.Bytes(i)[IPv4Header.MinSize..]));
            }
            LastLength = batch[batch.Count - 1].Length;
            batch.Bytes(batch.Count - 1).CopyTo(Last);
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
