using Qanat.Linux;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// The files of an interface that is up, in the folder of <see cref="DaemonPaths"/>, named after namespace and interface.
/// </summary>
internal sealed class UpFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder, _stem;

    /// <summary>Those of an interface in the network namespace that this thread is in.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="log">Where one line goes when the record is discarded.</param>
    public UpFiles(string name, DaemonLog log)
    {
        var paths = DaemonPaths.ForThisNamespace();
        _folder = paths.Directory;
        _stem = Path.Combine(_folder, $"{paths.Inode}.up.{name}");
        using var network = NetworkNamespace.Current();
        Records = new UpRecordStore(
            $"{_stem}.json", File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), network.Cookie ?? 0, log);
    }

    /// <summary>The interfaces of this network namespace that are up, or were when their process was killed.</summary>
    /// <exception cref="LinuxException">They are another user's; the message names the folder.</exception>
    public static IReadOnlyList<string> Names()
    {
        var paths = DaemonPaths.ForThisNamespace();
        var (begin, end) = ($"{paths.Inode}.up.", ".json");
        if (!Directory.Exists(paths.Directory))
            return [];
        try
        {
            return [.. Directory.EnumerateFiles(paths.Directory, $"{begin}*{end}")
                .Select(file => Path.GetFileName(file)[begin.Length..^end.Length]).Order(StringComparer.Ordinal)];
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new LinuxException($"read {paths.Directory}", Errno.Of(fault), "it is its owner's only, as a rule root's");
        }
    }

    /// <summary>What those of them did that have a record which means anything.</summary>
    /// <exception cref="LinuxException">They are another user's; the message names the folder.</exception>
    public static IEnumerable<(string Name, UpRecord Record)> Kept()
    {
        var log = DaemonLog.ToStandardError();
        foreach (var name in Names())
            if (new UpFiles(name, log).Records.Peek() is { } record)
                yield return (name, record);
    }

    /// <summary>The record of what it did.</summary>
    public UpRecordStore Records { get; }

    /// <summary>The socket by which it is told to reload and to end.</summary>
    public string Socket => $"{_stem}.sock";

    /// <summary>Makes the folder and takes the lock that its process holds; null when another holds it.</summary>
    /// <exception cref="LinuxException">The folder or the lock cannot be made; the message names the path.</exception>
    public FileLock? TryTake()
    {
        var path = $"{_stem}.lock";
        try
        {
            Directory.CreateDirectory(_folder, OwnerOnly); // One that is there keeps its mode.
            return FileLock.TryTake(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException($"lock {path}", Errno.Of(fault), $"what is done is noted in {_folder}, which must be writable");
        }
    }

    /// <summary>Takes the lock once its holder has let go of it; null when it does not in time.</summary>
    /// <exception cref="LinuxException">The folder or the lock cannot be made; the message names the path.</exception>
    public async Task<FileLock?> TakeAsync(TimeSpan patience)
    {
        var end = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (true)
        {
            if (TryTake() is { } taken)
                return taken;
            if (Environment.TickCount64 >= end)
                return null;
            await Task.Delay(20).ConfigureAwait(false);
        }
    }
}
