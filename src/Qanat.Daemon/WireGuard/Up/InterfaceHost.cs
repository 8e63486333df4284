using System.Runtime.InteropServices;
using Qanat.Crypto;
using Qanat.Linux;
using Qanat.Linux.Storage;
using Qanat.Packets;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// Interfaces that are up, and what surrounds them: each has a process of its own, which this runs, and which other processes tell
/// to reload and to end.
/// </summary>
public static class InterfaceHost
{
    private static readonly TimeSpan s_lastBreath = TimeSpan.FromSeconds(5), s_silence = TimeSpan.FromSeconds(5),
        s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Brings an interface up, and keeps it until it is told to end, by command, SIGTERM, SIGINT, SIGHUP or
    /// <paramref name="cancellation"/>, or until the device or the file of its socket is removed. In every ending what was done is
    /// undone, but for the kill switch, which goes by command alone.
    /// </summary>
    /// <returns>The exit code: 0, or 1 when it could not begin, or not go on; a line says why.</returns>
    public static async Task<int> RunAsync(InterfaceRun run, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminate = WireGuardHost.OnSignal(PosixSignal.SIGTERM, stop);
        using var interrupt = WireGuardHost.OnSignal(PosixSignal.SIGINT, stop);
        using var hangUp = WireGuardHost.OnSignal(PosixSignal.SIGHUP, stop);
        var log = DaemonLog.ToStandardError();
        try
        {
            var files = new UpFiles(run.Name, log);
            using var taken = files.TryTake() ?? throw new IOException(
                $"it is {(files.Records.Peek() is { IsWhole: true } ? "up already" : "being brought up")}, by {HolderOf(files)}; " +
                $"qanat down {run.Name} takes it down");
            using var host = new LinuxHost();
            await using var life = new InterfaceLife(run, host, files, new(run.Name, run.Level, log));
            try
            {
                return await life.RunAsync(stop.Token).ConfigureAwait(false);
            }
            finally
            {
                taken.Delete();
            }
        }
        catch (Exception fault) when (
            fault is IOException or UnauthorizedAccessException or ArgumentException or CryptoException or PortClosedException)
        {
            return Refuse(WireGuardHost.Explain(fault));
        }

        int Refuse(string why)
        {
            run.Say($"qanat: {run.Name}: {why}");
            return 1;
        }
    }

    /// <summary>Takes an interface down: its process does it, or, where that was killed, this one from what is noted.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="say">Takes each step, and in a line why something cannot be done.</param>
    /// <returns>The exit code: 0, or 1 when it was not up, or something could not be undone.</returns>
    public static async Task<int> DownAsync(string name, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        try
        {
            var files = new UpFiles(name, DaemonLog.ToStandardError());
            var (exitCode, lastLock) = await TellToEndAsync(name, files, say).ConfigureAwait(false);
            using var taken = lastLock;
            if (exitCode is not null)
            {
                taken?.Delete();
                return exitCode.Value;
            }
            if (taken is null)
                return Refuse($"{HolderOf(files)} holds it, and does not answer");
            using var host = new LinuxHost();
            if (files.Records.Load() is not { } record)
            {
                taken.Delete();
                return Refuse(host.HasDevice(name) && UapiSocket.IsServed(name)
                    ? "qanat up did not bring it up, but qanat-wg or another program; " +
                        $"wg-quick down {name} ends it, or else ip link del {name} does"
                    : "it is not up");
            }
            var steps = new HostSteps(name, host, files.Records, record, say);
            var clean = await new TakeDown(name, steps, say).RunAsync(save: false, liftKillSwitch: true, _ => Task.CompletedTask)
                .ConfigureAwait(false);
            files.Records.Delete();
            File.Delete(files.Socket);
            UapiSocket.RemoveStale(name);
            taken.Delete();
            return clean ? 0 : 1;
        }
        catch (LinuxException closed) when (closed.Error is Errno.EPERM or Errno.EACCES)
        {
            using var host = new LinuxHost();
            return Refuse(host.HasDevice(name)
                ? "only its owner, as a rule root, may take it down"
                : "it is not up; only its owner, as a rule root, may take back what a killed one left");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Refuse(WireGuardHost.Explain(fault));
        }

        int Refuse(string why)
        {
            say($"qanat: {name}: {why}");
            return 1;
        }
    }

    /// <summary>Has an interface's process read its file anew, and change what differs.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="file">The file; null for the one that it was read from before.</param>
    /// <param name="say">Takes each step, what is wrong with the file, and in a line why something cannot be done.</param>
    /// <returns>The exit code: 0, or 1 when nothing, or not all, was changed.</returns>
    public static int Reload(string name, string? file, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(say);
        var files = new UpFiles(name, DaemonLog.ToStandardError());
        if (Ask(name, files, file is null ? "reload" : $"reload {file}", say) is { } exitCode)
            return exitCode;
        say($"qanat: {name}: it is not up; qanat up {file ?? name} brings it up");
        return 1;
    }

    /// <summary>The interfaces of this network namespace that are up, or were when their process was killed.</summary>
    /// <exception cref="Linux.LinuxException">They are another user's.</exception>
    public static IReadOnlyList<string> Names() => UpFiles.Names();

    /// <summary>Those of them that no file describes: hubs of networks.</summary>
    public static IReadOnlyList<string> Hubs() =>
        [.. UpFiles.Kept().Where(kept => kept.Record.File is null).Select(kept => kept.Name)];

    /// <summary>The file that one of them was brought up from; null for a hub, and where there is none of that name.</summary>
    internal static string? FileOf(string name) => UpFiles.Kept().FirstOrDefault(kept => kept.Name == name).Record?.File;

    // Its process lets go of the lock with its last breath; then there may be a next one. One that has just begun does not listen yet.
    private static async Task<(int? ExitCode, FileLock? Taken)> TellToEndAsync(string name, UpFiles files, Action<string> say)
    {
        for (var end = Environment.TickCount64 + (long)s_silence.TotalMilliseconds; ;)
        {
            var exitCode = Ask(name, files, "down", say);
            var taken = await files.TakeAsync(exitCode is null ? s_look : s_lastBreath).ConfigureAwait(false);
            if (exitCode is not null || taken is not null || Environment.TickCount64 >= end)
                return (exitCode, taken);
        }
    }

    // What it does may take long; but it says what it does.
    private static int? Ask(string name, UpFiles files, string request, Action<string> say)
    {
        using var silence = new Timer(_ => Suspect(), null, s_silence, Timeout.InfiniteTimeSpan);
        return ControlSocket.Ask(files.Socket, request, line =>
        {
            silence.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            say(line);
        });

        void Suspect()
        {
            if (files.Records.Peek() is { Process: var process })
                say($"qanat: {name}: process {process} does not answer, and is waited for; if it hangs: " +
                    $"kill -9 {process}; qanat down {name}");
        }
    }

    private static string HolderOf(UpFiles files) =>
        files.Records.Peek() is { Process: var process } ? $"process {process}" : "another process";
}
