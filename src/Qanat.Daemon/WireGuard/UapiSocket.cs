using System.Net.Sockets;
using Qanat.Linux;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// The socket that <c>wg</c> configures an interface by (wireguard.com/xplatform): <c>/var/run/wireguard/NAME.sock</c>, nobody's
/// but its owner's. Many clients are served side by side, and none is waited for.
/// </summary>
internal sealed class UapiSocket : IDisposable
{
    /// <summary>Where <c>wg</c> looks for sockets.</summary>
    public const string Folder = "/var/run/wireguard";

    // Clients that are served at once. Who comes then takes the place of the one who has been silent for longest.
    private const int MaxClients = 64;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Visible = OwnerOnly |
        UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    private readonly Socket _socket;
    private readonly string _path;
    private readonly FileIdentity _file;

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
        var fresh = $"{path}.{Environment.ProcessId}";
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(Folder, Visible);
            // A plain file first: where none can be made the reason has a name, which the runtime has not for every reason of a socket's.
            File.Create(fresh).Dispose();
            File.Delete(fresh);
            // Nobody can connect before listen(2); then the file gets its name, which of several processes only one can give.
            socket.Bind(new UnixDomainSocketEndPoint(fresh));
            File.SetUnixFileMode(fresh, OwnerOnly);
            socket.Listen(MaxClients);
            if (FileIdentity.Get(path, out _) == 0 && !Answers(path))
                File.Delete(path);
            Files.MoveToNew(fresh, path);
            return new(socket, path);
        }
        catch (Exception fault)
        {
            socket.Dispose(); // and the runtime removes the file that it was bound to
            if (fault is not (SocketException or UnauthorizedAccessException or IOException))
                throw;
            if (Answers(path))
                throw new LinuxException($"listen on {path}", Errno.EADDRINUSE, "another process serves an interface of that name");
            throw new LinuxException($"listen on {path}", fault is SocketException refused ? refused.ErrorCode : Errno.Of(fault));
        }
    }

    /// <summary>Takes over a descriptor that listens already, at the file of the interface <paramref name="name"/>.</summary>
    /// <exception cref="LinuxException">EBADF, ENOTSOCK, EINVAL: it is no such descriptor, and stays the caller's.</exception>
    public static UapiSocket FromDescriptor(int descriptor, string name)
    {
        var handle = new SafeSocketHandle(descriptor, ownsHandle: true);
        try
        {
            var socket = new Socket(handle);
            return socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is not 0
                ? new(socket, PathOf(name))
                : throw new SocketException((int)SocketError.InvalidArgument);
        }
        catch (SocketException fault)
        {
            handle.SetHandleAsInvalid(); // the finalizer would close it
            throw new LinuxException($"take over descriptor {descriptor}", fault.ErrorCode, "it is no socket that listens");
        }
    }

    /// <summary>Removes the file that a killed process left.</summary>
    public static void RemoveStale(string name)
    {
        var path = PathOf(name);
        if (File.Exists(path) && !Answers(path))
            File.Delete(path);
    }

    /// <summary>True when a process serves an interface of that name, in whatever network namespace.</summary>
    public static bool IsServed(string name) => Answers(PathOf(name));

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
        List<UapiClient> clients = [];
        try
        {
            while (true)
            {
                var socket = await AcceptAsync(log, cancellation).ConfigureAwait(false);
                clients.RemoveAll(client => client.TryForget());
                if (clients.Count(client => !client.IsLeaving) == MaxClients)
                    clients.Where(client => !client.IsLeaving).MinBy(client => client.LastHeard)!.HangUp();
                clients.Add(new(new(socket, served, log), cancellation));
            }
        }
        catch (OperationCanceledException)
        {
        }
        await Task.WhenAll(clients.Select(client => client.Served)).ConfigureAwait(false);
        clients.RemoveAll(client => client.TryForget());
    }

    // What is short now, descriptors perhaps, may be there again a moment later.
    private async Task<Socket> AcceptAsync(WireGuardLog log, CancellationToken cancellation)
    {
        while (true)
            try
            {
                return await _socket.AcceptAsync(cancellation).ConfigureAwait(false);
            }
            catch (SocketException fault)
            {
                log.Error($"{_path}: {fault.Message}");
                await Task.Delay(s_look, cancellation).ConfigureAwait(false);
            }
    }
}
