using System.Net.Sockets;
using System.Text;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.Lifecycle;

/// <summary>The daemon's folder and the lock on the namespace, from the start of a daemon to its end.</summary>
internal sealed class DaemonFiles : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int MaxSocketPath = 107 - 4; // sun_path of sockaddr_un, with room for the ".new" that it is bound as
    private const long LogLimit = 1024 * 1024;
    private readonly DaemonPaths _paths;
    private FileLock _lock;

    private DaemonFiles(DaemonPaths paths, FileLock taken) => (_paths, _lock) = (paths, taken);

    /// <summary>
    /// Makes the folder and takes the lock. One that is held by a daemon which no longer listens, for it is about to end,
    /// is waited for. Null when another daemon keeps the namespace.
    /// </summary>
    /// <exception cref="LinuxException">The folder or the lock cannot be made; the message names the path.</exception>
    public static async Task<DaemonFiles?> TakeAsync(DaemonPaths paths, TimeSpan patience, CancellationToken cancellation)
    {
        if (Encoding.UTF8.GetByteCount(paths.Socket) > MaxSocketPath)
            throw new LinuxException(
                $"listen on {paths.Socket}", Errno.ENAMETOOLONG, $"a socket's path has at most {MaxSocketPath} bytes here");
        var end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (true)
        {
            if (TryTakeLock(paths) is { } taken)
                return new(paths, taken);
            if (Environment.TickCount64 >= end || Listener(paths) is not null)
                return null;
            await Task.Delay(20, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The process that listens on the socket; null when none does.</summary>
    public static int? Listener(DaemonPaths paths)
    {
        const int SOL_SOCKET = 1, SO_PEERCRED = 17, ucredSize = 12;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Span<byte> ucred = stackalloc byte[ucredSize]; // pid, uid, gid
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(paths.Socket));
            socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, ucred);
            return BitConverter.ToInt32(ucred);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The folder.</summary>
    public string Directory => _paths.Directory;

    /// <summary>Whether the state file is there.</summary>
    public bool HasState => File.Exists(_paths.State);

    /// <summary>Whether the lock's file is there, and ours.</summary>
    public bool IsLockInPlace => _lock.IsInPlace;

    /// <summary>Makes the folder and the lock anew where they were removed; false when another daemon has the lock.</summary>
    /// <exception cref="LinuxException">They cannot be made.</exception>
    public bool TryRenewLock()
    {
        MakeFolder(_paths.Directory);
        if (_lock.IsInPlace)
            return true;
        if (TryTakeLock(_paths) is not { } taken)
            return false;
        _lock.Dispose();
        _lock = taken;
        return true;
    }

    /// <summary>Lets the log begin anew when it has grown long.</summary>
    public void TrimLog()
    {
        if (new FileInfo(_paths.Log) is { Exists: true, Length: > LogLimit })
            File.Delete(_paths.Log);
    }

    /// <summary>Deletes what is left, the log and the lock, when nothing is kept that another daemon would need.</summary>
    public void DeleteAll()
    {
        Files.Delete(_paths.Log);
        _lock.Delete();
    }

    /// <summary>Lets go of the lock.</summary>
    public void Dispose() => _lock.Dispose();

    private static FileLock? TryTakeLock(DaemonPaths paths)
    {
        try
        {
            MakeFolder(paths.Directory);
            return FileLock.TryTake(paths.Lock);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException(
                $"lock {paths.Lock}", Errno.Of(fault), $"the daemon keeps its files in {paths.Directory}, which must be writable");
        }
    }

    // A folder that is there already keeps its mode: somebody may have chosen it, and each file has its own.
    private static void MakeFolder(string path)
    {
        if (!System.IO.Directory.Exists(path))
            System.IO.Directory.CreateDirectory(path, OwnerOnly);
    }
}
