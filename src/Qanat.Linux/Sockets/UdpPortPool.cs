using Qanat.Packets;

namespace Qanat.Linux.Sockets;

/// <summary>
/// The way out for UDP packets whose source port stands for an inner flow, so that the networks between spread the flows over
/// their paths (RFC 7348, 5; RFC 8086, 3.2.1): a few sockets with a port each, of which the packet's source port picks one. It
/// receives nothing.
/// </summary>
/// <remarks>
/// What leaves has the port of the socket, as <see cref="PortOf"/> tells beforehand. The port of a socket that listens is
/// another matter: packets that have it leave by that socket; where several have it, by the one that has their source address, else by
/// one that is bound to any. A socket that is bound to a link takes those alone that are to leave by it.
/// </remarks>
public sealed class UdpPortPool : IPort
{
    /// <summary>Sockets in a pool unless told otherwise.</summary>
    public const int DefaultSize = 16;

    private readonly UdpSocket[] _sockets;
    private readonly Dictionary<ushort, List<UdpSocket>> _listeners = []; // by their ports

    private readonly UdpOptions _options;

    private UdpPortPool(UdpSocket[] sockets, UdpOptions options) => (_sockets, _options) = (sockets, options);

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
        options = options with { Port = 0, SendOnly = true };
        var sockets = new UdpSocket[size];
        var opened = 0;
        try
        {
            for (; opened < size; opened++)
                sockets[opened] = UdpSocket.Open(options);
            return new(sockets, options);
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
        if (!_listeners.TryGetValue(listener.Port, out var listeners))
            _listeners[listener.Port] = listeners = [];
        listeners.Add(listener);
    }

    /// <summary>Undoes <see cref="Add"/>.</summary>
    public void Remove(UdpSocket listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (_listeners.TryGetValue(listener.Port, out var listeners) && listeners.Remove(listener) && listeners.Count == 0)
            _listeners.Remove(listener.Port);
    }

    /// <summary>
    /// Gives up a port that somebody else is to have: a socket of the pool that has it is closed, after another has been opened in the
    /// network namespace of the calling thread to take its place.
    /// </summary>
    /// <exception cref="LinuxException">No other could be opened; all is as it was.</exception>
    public void GiveUp(ushort port)
    {
        var index = Array.FindIndex(_sockets, socket => socket.Port == port);
        if (index < 0)
            return;
        var other = UdpSocket.Open(_options);
        _sockets[index].Dispose();
        _sockets[index] = other;
    }

    /// <summary>The source port that a packet leaves with.</summary>
    /// <param name="sourcePort">The one in its header.</param>
    /// <param name="isIPv6">Whether it goes over IPv6.</param>
    public ushort PortOf(ushort sourcePort, bool isIPv6) => SocketOf(sourcePort, IpAddress.Any(isIPv6), link: 0).Port;

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
        ReadOnlySpan<byte> packet = batch.Bytes(index);
        var transport = OuterDatagram.TransportOf(packet);
        if (packet.Length <= transport || !UdpHeader.TryParse(packet[transport..], out var udp))
            return _sockets[0];
        IpAddress source = transport == IPv4Header.MinSize ? IPv4Address.Read(packet[12..]) : IPv6Address.Read(packet[8..]);
        return SocketOf(udp.SourcePort, source, batch[index].Link);
    }

    private UdpSocket SocketOf(ushort port, IpAddress source, int link)
    {
        UdpSocket? found = null;
        if (_listeners.TryGetValue(port, out var listeners))
            foreach (var listener in listeners)
                if (listener.Link != 0 && listener.Link != link)
                    continue;
                else if (listener.Address == source && !source.IsAny)
                    return listener;
                else if (listener.Serves(source.IsIPv6) && (found is null || listener.Address.IsAny))
                    found = listener;
        return found ?? _sockets[port % _sockets.Length];
    }
}
