using Qanat.Cli.Commands.Help;
using Qanat.Cli.Doctor.Facts;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether Qanat's daemon is well, and what those that were killed have left.</summary>
internal sealed class DaemonCheck : ICheck
{
    private const int MaxNamed = 8;

    public string Name => "daemon";

    public string Healthy => "the daemon is well, or not needed";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        var daemon = machine.Daemon;
        if (daemon.StateFault is { } fault)
            yield return Finding.Blocks("daemon-state",
                    $"{daemon.Paths.State} cannot be read: {fault}",
                    "the tunnels in it cannot be brought back")
                .ToDo($"look into it, and put it aside: mv {daemon.Paths.State} /root");
        foreach (var finding in daemon.Status is { } status ? Running(machine, status) : NotRunning(daemon))
            yield return finding;
        if (daemon.Orphans is [var first, ..] orphans)
            yield return Finding.Note("daemon-orphans",
                    $"{daemon.Paths.Directory} has files of network namespaces that are gone: {string.Join(", ", orphans.Take(MaxNamed))}",
                    "they do no harm, and nobody needs them")
                .ToDo($"rm {daemon.Paths.Directory}/{first}.*");
    }

    private static IEnumerable<Finding> NotRunning(DaemonFacts daemon)
    {
        if (daemon.Silence is { } silence)
            yield return Finding.Blocks("daemon-silent",
                    $"something listens on {daemon.Paths.Socket}, but {silence}",
                    "tunnels cannot be made, changed or shown, and perhaps carry nothing")
                .ToDo(daemon.LockHolder is { } pid
                    ? [$"kill -CONT {pid}, in case it was stopped", $"kill -KILL {pid}; qanat tunnel show (which brings its tunnels back)"]
                    : ["run as root: sudo qanat doctor"]);
        else if (daemon.LockHolder is { } holder)
            yield return Finding.Warning("daemon-not-listening",
                    $"process {holder} holds {daemon.Paths.Lock}, but does not listen",
                    "it starts or ends just now, or hangs")
                .ToDo("qanat doctor, once more", $"kill -KILL {holder}");
        else if (daemon.Tunnels.Count > 0)
            yield return Finding.Blocks("daemon-dead",
                    $"the daemon that kept {string.Join(", ", daemon.Tunnels.Take(MaxNamed).Select(tunnel => tunnel.Spec.Name))} is gone",
                    "nobody reads from these tunnels, so they carry nothing")
                .ToDo("qanat tunnel show (which starts a daemon that takes them up again)");
        else if (daemon.HasSocket || daemon.HasLock)
            yield return Finding.Note("daemon-left-over",
                    $"a daemon that was killed has left {(daemon.HasSocket ? daemon.Paths.Socket : daemon.Paths.Lock)}",
                    "nobody is behind it; the next daemon takes its place")
                .ToDo($"rm {daemon.Paths.Directory}/{daemon.Paths.Inode}.*");
    }

    private static IEnumerable<Finding> Running(Machine machine, DaemonStatus status)
    {
        if (status.Version != ProgramHelp.Version)
            yield return Finding.Warning("daemon-version",
                    $"the daemon (process {status.Pid}) is qanat {status.Version}, and this is {ProgramHelp.Version}",
                    "until it is started again it does not know what this version has learnt")
                .ToDo($"kill {status.Pid}; qanat tunnel show (tunnels stay, and their packets pause for a moment)");
        foreach (var tunnel in machine.Daemon.Tunnels)
            if (machine.Find(tunnel.Index) is null)
                yield return Finding.Blocks("daemon-lost-device",
                        $"the daemon keeps {tunnel.Spec.Name}, but its device is gone",
                        "it carries nothing")
                    .ToDo($"qanat tunnel del {tunnel.Spec.Name}; qanat tunnel add {tunnel.Spec.Name} ...");
        foreach (var (feature, state) in status.Features.OrderBy(feature => feature.Key, StringComparer.Ordinal))
            if (state.StartsWith("off", StringComparison.Ordinal))
                yield return Finding.Note("daemon-slower",
                        $"the daemon does without {feature}: {state}",
                        "tunnels work, but slower")
                    .ToDo("qanat status");
    }
}
