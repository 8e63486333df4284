using System.Buffers.Binary;
using System.Security.Cryptography;
using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard.Tests.Simulation;

/// <summary>A host with one WireGuard device. Its packets carry a number each, by which it is seen what arrives.</summary>
internal sealed class SimulatedHost : IWire, IPort, IWireGuardObserver, IDisposable
{
    public const int InnerLength = 40;

    private static readonly Lock s_lock = new();
    private static readonly List<SecretKey> s_keys = [];

    private readonly SimulatedNetwork _network;
    private readonly PacketBatch _batch = new(4, 1 << 18), _delivered = new(16, 1 << 18);
    private readonly HashSet<(uint Index, ulong Counter)> _nonces = [];

    public SimulatedHost(SimulatedNetwork network, int number)
    {
        _network = network;
        Number = number;
        Here = new(new IPv4Address(0xC0000200 + (uint)number), 51820);
        Inner = new(0x0A000000 + (uint)number);
        Device = Open();
    }

    public int Number { get; }

    public SecretKey PrivateKey => KeyOf(Number);

    /// <summary>Where it is at the moment.</summary>
    public Endpoint Here { get; set; }

    /// <summary>Its address in the tunnel.</summary>
    public IPv4Address Inner { get; }

    public WireGuardDevice Device { get; private set; }

    /// <summary>The numbers of the packets that have arrived, in order.</summary>
    public List<ulong> Arrived { get; } = [];

    /// <summary>What has arrived that carries no number.</summary>
    public List<byte[]> ArrivedOther { get; } = [];

    /// <summary>What the device had to tell.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Datagrams that were sent.</summary>
    public int Datagrams { get; private set; }

    /// <summary>How many nonces were used again.</summary>
    public int ReusedNonces { get; private set; }

    public long WakeAt { get; private set; } = long.MaxValue;

    /// <summary>Ends and begins anew: it remembers nothing, and is told by <see cref="Meet"/> again who is there.</summary>
    public void Restart()
    {
        var kem = Device.KeyEncapsulation;
        Device.Dispose();
        Device = Open();
        Device.KeyEncapsulation = kem;
        Settle();
    }

    public Peer Meet(SimulatedHost other, bool knowsPlace = true)
    {
        var peer = Device.Add(other.Device.PublicKey)!;
        Device.Allow(peer, new(other.Inner, 32));
        if (knowsPlace)
            Device.SetEndpoint(peer, other.Here);
        Settle();
        return peer;
    }

    public void Send(SimulatedHost other, ulong number, int length = InnerLength) => Send(Inner, other.Inner, number, length);

    public void Send(IPv4Address source, IPv4Address destination, ulong number, int length = InnerLength)
    {
        var packet = new byte[length];
        WritePacket(packet, source, destination, number);
        Send(packet);
    }

    public void Send(byte[] packet)
    {
        _batch.Clear();
        _batch.TryAdd(packet, 0);
        Device.FromDevice(_batch);
        Settle();
    }

    public void Receive(byte[] datagram, Endpoint source)
    {
        _batch.Clear();
        _batch.TryAdd(datagram);
        Device.FromWire(_batch, [source]);
        Settle();
    }

    public void Tick()
    {
        Device.Tick();
        Settle();
    }

    public void Settle() => WakeAt = Device.NextTick is { } next ? _network.Time.Ticks + next.Ticks : long.MaxValue;

    public static void WritePacket(Span<byte> packet, IPv4Address source, IPv4Address destination, ulong number)
    {
        packet.Clear();
        IPv4Header.Write(packet, 0, packet.Length, 0, true, 64, (IpProtocol)253, source, destination);
        BinaryPrimitives.WriteUInt64LittleEndian(packet[IPv4Header.MinSize..], number);
    }

    public void Dispose()
    {
        Device.Dispose();
        _batch.Dispose();
        _delivered.Dispose();
    }

    void IWire.Send(PacketBatch datagrams, ReadOnlySpan<Endpoint> endpoints)
    {
        for (var i = 0; i < datagrams.Count; i++)
        {
            var info = datagrams[i];
            foreach (var datagram in datagrams.Bytes(i).ToArray().Chunk(info.Gso == GsoType.UdpL4 ? info.GsoSize : info.Length))
            {
                Datagrams++;
                if (TransportMessage.TryParse(datagram, out var message) && !_nonces.Add((message.Receiver, message.Counter)))
                    ReusedNonces++;
                _network.Transmit(this, endpoints[i], datagram);
            }
        }
    }

    int IPort.Send(PacketBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
            if (IPv4Header.TryParse(batch.Bytes(i), out var ip) && ip.Protocol is IpProtocol.Icmp or IpProtocol.Tcp)
                Hear(batch.Bytes(i).ToArray());
            else
                Arrived.Add(BinaryPrimitives.ReadUInt64LittleEndian(batch.Bytes(i)[IPv4Header.MinSize..]));
        return batch.Count;
    }

    int IPort.Receive(PacketBatch batch) => 0;

    // Echo requests are answered, as by any kernel.
    private void Hear(byte[] packet)
    {
        ArrivedOther.Add(packet);
        if (!IPv4Header.TryParse(packet, out var asked) || asked.Protocol != IpProtocol.Icmp ||
            packet[IPv4Header.MinSize] != (byte)IcmpType.EchoRequest)
            return;
        var (source, destination) = (asked.Destination, asked.Source);
        packet[IPv4Header.MinSize] = (byte)IcmpType.EchoReply;
        IPv4Header.Write(packet, 0, packet.Length, 0, false, 64, IpProtocol.Icmp, source, destination);
        _network.After(0, () => Send(packet));
    }

    void IWireGuardObserver.HandshakeCompleted(Peer peer) => Events.Add("handshake");

    void IWireGuardObserver.EndpointChanged(Peer peer, in Endpoint before) => Events.Add($"{before} -> {peer.Endpoint}");

    void IWireGuardObserver.HandshakeGivenUp(Peer peer) => Events.Add("given up");

    void IWireGuardObserver.KeysWiped(Peer peer) => Events.Add("wiped");

    void IWireGuardObserver.PostQuantumChanged(Peer peer) => Events.Add(peer.IsPostQuantum ? "post-quantum" : "no longer post-quantum");

    private WireGuardDevice Open()
    {
        var device = new WireGuardDevice(
            this, new(this, _delivered), new(WireGuardDevice.DefaultMtu), _network.Time, this, new Random(_network.Random.Next()));
        device.SetPrivateKey(KeyOf(Number).Bytes);
        device.Start();
        return device;
    }

    // The same in every run, for a history is to be the same too.
    private static SecretKey KeyOf(int number)
    {
        lock (s_lock)
        {
            while (s_keys.Count <= number)
                s_keys.Add(new(SHA256.HashData([(byte)s_keys.Count])));
            return s_keys[number];
        }
    }
}
