using Qanat.Packets;

namespace Qanat.Linux.Sockets;

/// <summary>
/// The way out for UDP packets whose source port stands for an inner flow, so that the networks between spread the flows over
/// their paths (RFC 7348, 5; RFC 8086, 3.2.1): a few sockets with a port each, of which the packet's source port picks one. It
/// receives nothing.
/// </summary>
/// <remarks>
/// What leaves has the port of the socket, as <see cref="PortOf"/> tells beforehand. The port of a socket that listens is
/// another matter: packets that have it leave by that socket.
/// </remarks>
public sealed class UdpPortPool : IPort
{
    /// <summary>Sockets in a pool unless told otherwise.</summary>
    public const int DefaultSize = 16;

    private readonly UdpSocket[] _sockets;
    private readonly List<UdpSocket> _listeners = [];

    private UdpPortPool(UdpSocket[] sockets) => _sockets = sockets;

    /// <summary>The pool's sockets, in the order of their use.</summary>
    public IReadOnlyList<UdpSocket> Sockets => _sockets;

    /// <summary>Opens the sockets in the network namespace of the calling thread, on ports of the kernel's local range.</summary>
    /// <param name="options">How each is opened; its port does not count, and it only sends.</param>
    /// <param name="size">How many.</param>
    /// <exception cref="LinuxException">One could not be opened, as <see cref="UdpSocket.Open"/> has it.</exception>
    public static UdpPortPool Open(UdpOptions options, int size = DefaultSize)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        var sockets = new UdpSocket[size];
        var opened = 0;
        try
        {
            for (; opened < size; opened++)
                sockets[opened] = UdpSocket.Open(options with { Port = 0, SendOnly = true });
            return new(sockets);
        }
        catch
        {
            foreach (var socket in sockets.AsSpan(0, opened))
                socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Has packets with the port of <paramref name="listener"/> for their source leave by it. It is not the pool's to dispose.
    /// </summary>
    public void Add(UdpSocket listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        _listeners.Add(listener);
    }

    /// <summary>Undoes <see cref="Add"/>.</summary>
    public void Remove(UdpSocket listener) => _listeners.Remove(listener);

    /// <summary>The source port that a packet leaves with.</summary>
    /// <param name="sourcePort">The one in its header.</param>
    /// <param name="isIPv6">Whether it goes over IPv6.</param>
    public ushort PortOf(ushort sourcePort, bool isIPv6) => SocketOf(sourcePort, isIPv6).Port;

    /// <inheritdoc/>
    public int Receive(PacketBatch batch) => 0;

    /// <inheritdoc/>
    public int Send(PacketBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Send(batch, 0, batch.Count);
    }

    /// <summary>Sends the <paramref name="total"/> packets of <paramref name="batch"/> from <paramref name="start"/> on.</summary>
    /// <returns>How many were taken.</returns>
    public int Send(PacketBatch batch, int start, int total)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var sent = 0;
        for (int first = start, end = start + total, next; first < end; first = next)
        {
            var socket = SocketOf(batch, first);
            for (next = first + 1; next < end && SocketOf(batch, next) == socket;)
                next++;
            sent += socket.Send(batch, first, next - first);
        }

        return sent;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    // The socket says what is wrong with a packet that is none.
    private UdpSocket SocketOf(PacketBatch batch, int index)
    {
        var packet = batch.Bytes(index);
        var isIPv6 = packet.Length > 0 && packet[0] >> 4 == 6;
        var transport = packet[Math.Min(packet.Length, isIPv6 ? IPv6Header.Size : IPv4Header.MinSize)..];
        return SocketOf(UdpHeader.TryParse(transport, out var udp) ? udp.SourcePort : (ushort)0, isIPv6);
    }

    private UdpSocket SocketOf(ushort port, bool isIPv6)
    {
        foreach (var listener in _listeners)
        {
            if (listener.Port == port && listener.Serves(isIPv6))
                return listener;
        }

        return _sockets[port % _sockets.Length];
    }
}
