using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>
/// A peer of a hub without a network device: the engine, a UDP socket in the namespace of the thread that makes it, and numbers that
/// it sends and hears, each in a datagram of the tunnel. It does something only when it is told to.
/// </summary>
internal sealed class LonePeer : IWire, IPort
{
    /// <summary>The port that numbers are sent from and to, inside the tunnel.</summary>
    public const ushort Port = 7;

    private const int Headers = IPv4Header.MinSize + UdpHeader.Size;

    // All of them belong to one thread, and none leaves anything in it.
    private static readonly PacketBatch s_batch = new(16, 1 << 18), s_delivered = new(16, 1 << 18);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly WireGuardDevice _device;
    private readonly Endpoint _hub;

    /// <summary>Makes it.</summary>
    /// <param name="number">Which it is.</param>
    /// <param name="hub">Who the hub is.</param>
    /// <param name="place">Where it is.</param>
    public LonePeer(int number, PublicKey hub, IPEndPoint place)
    {
        Number = number;
        _socket.Connect(place);
        _device = new(this, new(this, s_delivered), new(WireGuardDevice.DefaultMtu));
        using var key = X25519.GeneratePrivateKey();
        _device.SetPrivateKey(key.Bytes);
        var peer = _device.Add(hub)!;
        _device.Allow(peer, new(Hub, 32));
        _hub = new(IPv4Address.From(place.Address), (ushort)place.Port);
        _device.SetEndpoint(peer, _hub);
        _device.Start();
    }

    /// <summary>The hub's address inside the tunnel.</summary>
    public static IPv4Address Hub { get; } = new(0x0A4E0001); // 10.78.0.1

    /// <summary>Which it is.</summary>
    public int Number { get; }

    /// <summary>Its address inside the tunnel.</summary>
    public IPv4Address Address => AddressOf(Number);

    /// <summary>Who it is.</summary>
    public PublicKey PublicKey => _device.PublicKey;

    /// <summary>The numbers that it was sent.</summary>
    public List<int> Heard { get; } = [];

    /// <summary>The address of the peer of a number: 10.78.1.0 and on.</summary>
    public static IPv4Address AddressOf(int number) => new(Hub.Value + 255 + (uint)number);

    /// <summary>Sends the hub its number.</summary>
    /// <param name="source">From which address.</param>
    public void Send(IPv4Address source)
    {
        s_batch.Clear();
        s_batch.TryAdd(Headers + sizeof(int), PacketBatch.DefaultHeadroom, out var index);
        var packet = s_batch.Bytes(index);
        IPv4Header.Write(packet, 0, packet.Length, 0, true, 64, IpProtocol.Udp, source, Hub);
        UdpHeader.Write(packet[IPv4Header.MinSize..], Port, Port, UdpHeader.Size + sizeof(int));
        MemoryMarshal.Write(packet[Headers..], Number);
        _device.FromDevice(s_batch);
    }

    /// <summary>Takes in what has arrived, and does what is due.</summary>
    public void Carry()
    {
        Span<byte> datagram = stackalloc byte[2048];
        while (_socket.Available > 0)
        {
            var length = _socket.Receive(datagram);
            s_batch.Clear();
            s_batch.TryAdd(datagram[..length]);
            _device.FromWire(s_batch, [_hub]);
        }
        _device.Tick();
    }

    public void Dispose()
    {
        _device.Dispose();
        _socket.Dispose();
    }

    void IWire.Send(PacketBatch datagrams, ReadOnlySpan<Endpoint> endpoints)
    {
        for (var i = 0; i < datagrams.Count; i++)
            _socket.Send(datagrams.Bytes(i));
    }

    int IPort.Send(PacketBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
            if (IPv4Header.TryParse(batch.Bytes(i), out var packet) && UdpHeader.TryParse(packet.Payload, out var datagram))
            {
                Xunit.Assert.Equal(Address, packet.Destination);
                Heard.Add(MemoryMarshal.Read<int>(datagram.Payload));
            }
        return batch.Count;
    }

    int IPort.Receive(PacketBatch batch) => 0;
}
