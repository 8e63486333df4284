using System.Net.Sockets;
using Qanat.Linux;
using Qanat.Linux.Namespaces;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// The socket that <c>wg</c> configures an interface by (wireguard.com/xplatform): <c>/var/run/wireguard/NAME.sock</c>, nobody's
/// but its owner's. Many clients are served side by side, and none is waited for.
/// </summary>
internal sealed class UapiSocket : IDisposable
{
    /// <summary>Where <c>wg</c> looks for sockets.</summary>
    public const string Folder = "/var/run/wireguard";

    // Clients that are served at once; others wait until one has gone.
    private const int MaxClients = 64;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Visible = OwnerOnly |
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private readonly Socket _socket;
    private readonly string _path;
    private readonly FileIdentity _file;
    private readonly SemaphoreSlim _places = new(MaxClients);

    private UapiSocket(Socket socket, string path)
    {
        (_socket, _path) = (socket, path);
        _ = FileIdentity.Get(path, out _file);
    }

    /// <summary>
    /// Listens for those who ask for the interface <paramref name="name"/>, in place of a file that a killed process left.
    /// </summary>
    /// <exception cref="LinuxException">EADDRINUSE: another process listens there. Others: the file cannot be made.</exception>
    public static UapiSocket Open(string name)
    {
        var path = PathOf(name);
        var fresh = $"{path}.new";
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(Folder, Visible);
            if (Answers(path))
                throw new LinuxException($"listen on {path}", Errno.EADDRINUSE, "another process serves an interface of that name");
            File.Delete(fresh);
            // Nobody can connect before listen(2), which comes last; and rename(2) puts the new file in the place of an old one.
            socket.Bind(new UnixDomainSocketEndPoint(fresh));
            File.SetUnixFileMode(fresh, OwnerOnly);
            socket.Listen(MaxClients);
            File.Move(fresh, path, overwrite: true);
            return new(socket, path);
        }
        catch (Exception fault)
        {
            socket.Dispose();
            if (fault is not (SocketException or UnauthorizedAccessException or IOException) or LinuxException)
                throw;
            throw new LinuxException($"listen on {path}", fault is SocketException refused ? refused.ErrorCode : Errno.Of(fault));
        }
    }

    /// <summary>Takes over a descriptor that listens already, at the file of the interface <paramref name="name"/>.</summary>
    public static UapiSocket FromDescriptor(int descriptor, string name) =>
        new(new(new SafeSocketHandle(descriptor, ownsHandle: true)), PathOf(name));

    /// <summary>Removes the file that a killed process left.</summary>
    public static void RemoveStale(string name)
    {
        var path = PathOf(name);
        if (File.Exists(path) && !Answers(path))
            File.Delete(path);
    }

    /// <summary>Serves clients until the file is removed, or the token cancels.</summary>
    public async Task RunAsync(WireGuardInterface served, WireGuardLog log, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var accepting = AcceptAsync(served, log, end.Token);
        using var timer = new PeriodicTimer(s_look);
        try
        {
            while (IsInPlace && await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
            }
        }
        catch (OperationCanceledException)
        {
        }
        await end.CancelAsync().ConfigureAwait(false);
        await accepting.ConfigureAwait(false);
    }

    /// <summary>Removes the file, and listens no more.</summary>
    public void Dispose()
    {
        if (IsInPlace)
            File.Delete(_path);
        _socket.Dispose();
        _places.Dispose();
    }

    private bool IsInPlace => FileIdentity.Get(_path, out var there) == 0 && there == _file;

    private static string PathOf(string name) => $"{Folder}/{name}.sock";

    private static bool Answers(string path)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task AcceptAsync(WireGuardInterface served, WireGuardLog log, CancellationToken cancellation)
    {
        List<Task> clients = [];
        try
        {
            while (true)
            {
                await _places.WaitAsync(cancellation).ConfigureAwait(false);
                var client = await _socket.AcceptAsync(cancellation).ConfigureAwait(false);
                clients.RemoveAll(task => task.IsCompleted);
                clients.Add(ServeAsync(client, served, log, cancellation));
            }
        }
        catch (OperationCanceledException)
        {
        }
        await Task.WhenAll(clients).ConfigureAwait(false);
    }

    private async Task ServeAsync(Socket client, WireGuardInterface served, WireGuardLog log, CancellationToken cancellation)
    {
        try
        {
            using var conversation = new UapiConversation(client, served, log);
            await conversation.RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException)
        {
        }
        finally
        {
            _places.Release();
        }
    }
}
