using System.Text.Json;
using Qanat.Cli.Client;
using Qanat.Daemon;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The daemon of the network namespace, and the traces that daemons have left.</summary>
internal sealed record DaemonFacts
{
    /// <summary>Where its files are.</summary>
    public required DaemonPaths Paths { get; init; }

    /// <summary>Whether its socket is there.</summary>
    public bool HasSocket { get; init; }

    /// <summary>Whether its lock's file is there.</summary>
    public bool HasLock { get; init; }

    /// <summary>The process that holds the lock; null when none does, or it cannot be seen.</summary>
    public int? LockHolder { get; init; }

    /// <summary>What it says of itself; null when it says nothing.</summary>
    public DaemonStatus? Status { get; init; }

    /// <summary>Why it says nothing, though something is behind the socket; null otherwise.</summary>
    public string? Silence { get; init; }

    /// <summary>The tunnels that it keeps; of one that does not run, those in its state file.</summary>
    public IReadOnlyList<TunnelReport> Tunnels { get; init; } = [];

    /// <summary>Whether there is a state file, and it is from this boot.</summary>
    public bool HasState { get; init; }

    /// <summary>Why the state file cannot be read; null when it can, or is not there.</summary>
    public string? StateFault { get; init; }

    /// <summary>Namespaces that are gone, by inode, whose files are still there.</summary>
    public IReadOnlyList<ulong> Orphans { get; init; } = [];

    // A daemon that is well answers in milliseconds, unless the machine has no time for it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>Reads them. No daemon is started.</summary>
    public static DaemonFacts Read(SystemFiles files, DaemonPaths paths, IQanatClient client)
    {
        var hasSocket = File.Exists(paths.Socket);
        var facts = new DaemonFacts
        {
            Paths = paths,
            HasSocket = hasSocket,
            HasLock = File.Exists(paths.Lock),
            LockHolder = LockTable.HolderOf(paths.Lock, files.Lines("proc/locks")),
            Orphans = OrphanedFiles.Find(files, paths),
        };
        facts = hasSocket ? facts.Ask(client) : facts;
        return facts.Status is null ? facts.WithState(files) : facts;
    }

    private DaemonFacts Ask(IQanatClient client)
    {
        // The answer is waited for on another thread, since a daemon that hangs would hold us up for half a minute.
        var asking = Task.Run(() => client.Status() is { } status ? this with { Status = status, Tunnels = client.List() } : this);
        try
        {
            return asking.Wait(s_patience) ? asking.Result : this with { Silence = "it does not answer" };
        }
        catch (AggregateException fault) when (fault.InnerException is ApiException refused)
        {
            return this with { Silence = refused.Hint ?? refused.Message };
        }
    }

    private DaemonFacts WithState(SystemFiles files)
    {
        if (!File.Exists(Paths.State))
            return this;
        try
        {
            using var state = JsonDocument.Parse(File.ReadAllBytes(Paths.State));
            var boot = files.Read("proc/sys/kernel/random/boot_id")?.Trim();
            return state.RootElement.GetProperty("boot").GetString() == boot
                ? this with { HasState = true, Tunnels = [.. state.RootElement.GetProperty("tunnels").EnumerateArray().Select(Tunnel)] }
                : this;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            return this with { HasState = true, StateFault = fault.Message };
        }
        catch (Exception fault) when (fault is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return this with { HasState = true, StateFault = "it is not what a daemon writes" };
        }
    }

    // A daemon of an earlier version wrote the members of the tunnel beside the others.
    private static TunnelReport Tunnel(JsonElement entry) => new(
        SpecReader.Read(entry.TryGetProperty("spec", out var spec) ? spec : entry),
        entry.GetProperty("index").GetInt32(), Mtu: 0, Up: false, new(0, 0, 0, 0, 0, 0, 0, new Dictionary<string, long>()));
}
