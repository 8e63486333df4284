using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Qanat.Daemon.Api;

/// <summary>
/// Listens on a Unix socket that is nobody's but its owner's from the first moment, and can be put back when somebody
/// removed its file, while the connections that are open go on.
/// </summary>
/// <param name="path">The socket's file.</param>
internal sealed class UnixListener(string path) : IConnectionListenerFactory, IConnectionListener
{
    private readonly SocketTransportFactory _sockets =
        new(Options.Create(new SocketTransportOptions { CreateBoundListenSocket = _ => Bind(path) }), NullLoggerFactory.Instance);

    private volatile IConnectionListener? _current;
    private volatile bool _ended;

    /// <inheritdoc/>
    public EndPoint EndPoint { get; } = new UnixDomainSocketEndPoint(path);

    /// <summary>Begins to listen, in place of whatever file was there.</summary>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        _current = await _sockets.BindAsync(EndPoint, cancellationToken).ConfigureAwait(false);
        return this;
    }

    /// <summary>Listens anew, for the file is gone.</summary>
    public async Task RebindAsync()
    {
        var old = _current!;
        _current = await _sockets.BindAsync(EndPoint).ConfigureAwait(false);
        await old.UnbindAsync().ConfigureAwait(false); // its AcceptAsync returns null now, and ours goes on with the new one
        await old.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var listener = _current!;
            var connection = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
            if (connection is not null || _ended)
                return connection;
        }
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _ended = true;
        return _current!.UnbindAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _current?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Nobody can connect before listen(2), which comes after this; and rename(2) puts the new file in the place of a stale one.
    private static Socket Bind(string path)
    {
        var fresh = $"{path}.new";
        File.Delete(fresh);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(fresh));
            File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.Move(fresh, path, overwrite: true);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
