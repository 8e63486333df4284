using System.Globalization;
using System.Net.Sockets;
using Qanat.Linux;

namespace Qanat.Daemon.Lifecycle;

/// <summary>The network namespace of this process, looked at through /proc and /run/netns.</summary>
internal sealed class LinuxNamespace : INetworkNamespace
{
    private const string Names = "/run/netns"; // where ip-netns(8) binds them
    private readonly FileIdentity? _own = FileIdentity.Of("/proc/self/ns/net");
    private string? _name;

    /// <inheritdoc/>
    public string Display => HasName ? Path.GetFileName(_name!) : new FileInfo("/proc/self/ns/net").LinkTarget ?? "?";

    /// <inheritdoc/>
    public bool IsInitial => FileIdentity.Of("/proc/1/ns/net") == _own;

    /// <inheritdoc/>
    public bool HasName
    {
        get
        {
            if (_name is not null && FileIdentity.Of(_name) == _own)
                return true;
            _name = Directory.Exists(Names) ? Directory.EnumerateFiles(Names).FirstOrDefault(name => FileIdentity.Of(name) == _own) : null;
            return _name is not null;
        }
    }

    /// <inheritdoc/>
    public bool HasOtherProcesses
    {
        get
        {
            foreach (var process in Directory.EnumerateDirectories("/proc"))
            {
                if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid == Environment.ProcessId)
                    continue;
                var network = FileIdentity.Of($"{process}/ns/net");
                if (network == _own || network is null && IsAlive(process))
                    return true;
            }
            return false;
        }
    }

    // What cannot be looked at is another user's, or has ended: gone, or a zombie, which is in no namespace any more.
    private static bool IsAlive(string process)
    {
        try
        {
            var stat = File.ReadAllText($"{process}/stat");
            return stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart() is not (['Z' or 'X', ..] or []);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// The number that the kernel gave the namespace, and never gives again until the next boot (SO_NETNS_COOKIE, since Linux
    /// 5.14); 0 where there is none, and the inode has to do.
    /// </summary>
    public static ulong Cookie()
    {
        const int SOL_SOCKET = 1, SO_NETNS_COOKIE = 71;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        try
        {
            return socket.GetRawSocketOption(SOL_SOCKET, SO_NETNS_COOKIE, cookie) == sizeof(ulong) ? BitConverter.ToUInt64(cookie) : 0;
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>This boot's identity.</summary>
    public static string Boot() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
}
