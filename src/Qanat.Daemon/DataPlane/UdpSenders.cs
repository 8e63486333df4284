using Qanat.Linux;
using Qanat.Linux.Sockets;
using Qanat.Packets;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// The sockets by which UDP leaves over one IP version: a few whose ports are the kernel's choice, for flows that may have any, and
/// one for each source port that is asked for. Where a socket receives at such a port, it sends from there too. Belongs to the worker.
/// </summary>
/// <param name="options">What they have in common: the IP version, and how they are to be fast.</param>
internal sealed class UdpSenders(UdpOptions options) : IDisposable
{
    /// <summary>The most source ports of a range that are taken.</summary>
    private const int MaxPorts = UdpPortPool.DefaultSize;

    /// <summary>How many ports in a row are tried when other programs have them.</summary>
    private const int Tries = 8;

    private readonly List<UdpSocket> _listeners = [];
    private readonly Dictionary<ushort, Source> _sources = [];
    private UdpPortPool? _pool;
    private int _users;

    /// <summary>Has the sockets open whose ports are the kernel's choice, once more.</summary>
    /// <exception cref="LinuxException">They could not be opened.</exception>
    public void Open()
    {
        if (_pool is null)
        {
            _pool = UdpPortPool.Open(options);
            _listeners.ForEach(_pool.Add);
        }
        _users++;
    }

    /// <summary>Needs them no more.</summary>
    public void Close()
    {
        if (--_users > 0)
            return;
        _pool?.Dispose();
        _pool = null;
    }

    /// <summary>
    /// Takes source ports from <paramref name="min"/> to the one below <paramref name="max"/>, once more: all of them, or some that lie
    /// evenly between, without those that other programs have. To be asked while the others are open.
    /// </summary>
    /// <exception cref="LinuxException">None could be had; EADDRINUSE: other programs have them.</exception>
    public IReadOnlyList<ushort> Take(int min, int max)
    {
        var taken = new List<ushort>();
        LinuxException? refused = null;
        min = Math.Max(1, min);
        var count = Math.Min(MaxPorts, max - min);
        for (var i = 0; i < count; i++)
        {
            var (port, next) = (min + (max - min) * i / count, min + (max - min) * (i + 1) / count);
            for (next = Math.Min(next, port + Tries); port < next; port++)
                try
                {
                    Take((ushort)port);
                    taken.Add((ushort)port);
                    break;
                }
                catch (LinuxException fault)
                {
                    refused = fault;
                }
        }
        return taken.Count > 0 || refused is null ? taken : throw refused;
    }

    /// <summary>Needs source ports no more.</summary>
    public void Release(IReadOnlyList<ushort> ports)
    {
        foreach (var port in ports)
            if (_sources.TryGetValue(port, out var source) && --source.Users == 0)
            {
                _sources.Remove(port);
                CloseSocket(source);
            }
    }

    /// <summary>Opens a socket that receives, for which one that only sends from its port makes way.</summary>
    /// <exception cref="LinuxException">It could not be opened; all is as it was.</exception>
    public UdpSocket Admit(UdpOptions receiving)
    {
        if (_sources.TryGetValue(receiving.Port, out var source))
            CloseSocket(source);
        try
        {
            _pool?.GiveUp(receiving.Port);
            var listener = UdpSocket.Open(receiving);
            _listeners.Add(listener);
            _pool?.Add(listener);
            return listener;
        }
        catch
        {
            Restore(receiving.Port);
            throw;
        }
    }

    /// <summary>Closes such a socket.</summary>
    public void Dismiss(UdpSocket listener)
    {
        _listeners.Remove(listener);
        _pool?.Remove(listener);
        listener.Dispose();
        Restore(listener.Port);
    }

    /// <summary>Sends a run of packets.</summary>
    /// <returns>How many were taken.</returns>
    public int Send(PacketBatch packets, int first, int count) => _pool?.Send(packets, first, count) ?? 0;

    public void Dispose()
    {
        _pool?.Dispose();
        foreach (var source in _sources.Values)
            source.Socket?.Dispose();
        _listeners.ForEach(listener => listener.Dispose());
    }

    private void Take(ushort port)
    {
        if (!_sources.TryGetValue(port, out var source))
        {
            source = new();
            OpenSocket(source, port);
            _sources[port] = source;
        }
        source.Users++;
    }

    private void OpenSocket(Source source, ushort port)
    {
        if (_listeners.Exists(listener => listener.Port == port))
            return;
        _pool?.GiveUp(port);
        source.Socket = UdpSocket.Open(options with { Port = port, SendOnly = true });
        _pool?.Add(source.Socket);
    }

    private void CloseSocket(Source source)
    {
        if (source.Socket is not { } socket)
            return;
        source.Socket = null;
        _pool?.Remove(socket);
        socket.Dispose();
    }

    // Only a program that took the port this very moment keeps us from having it again; then another one stands in for it.
    private void Restore(ushort port)
    {
        if (!_sources.TryGetValue(port, out var source))
            return;
        try
        {
            OpenSocket(source, port);
        }
        catch (LinuxException)
        {
        }
    }

    private sealed class Source
    {
        public int Users { get; set; }

        /// <summary>Null while a socket that receives has the port.</summary>
        public UdpSocket? Socket { get; set; }
    }
}
