using System.CommandLine;
using System.Globalization;
using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;
using Qanat.Daemon;
using Qanat.Daemon.DataPlane;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat daemon</c>: keeps the tunnels of this network namespace.</summary>
internal static class DaemonCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var background = new Option<bool>("--background") { Description = "Leave the terminal once the daemon is ready" };
        var idleExit = new Option<double?>("--idle-exit")
        {
            Description = "End after so long without a tunnel or a request; in the background 3 when it is not given",
            HelpName = "SECONDS",
        };
        idleExit.CustomParser = result =>
        {
            if (!double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var seconds) || seconds is not (>= 0 and <= 1e9))
                result.AddError("--idle-exit: seconds are expected, 0 or more.");
            return seconds;
        };
        var removeDevices = new Option<bool>("--remove-devices")
        {
            Description = "Remove the tunnels and their devices when the daemon ends; otherwise they stay for the next one to take up",
        };
        // What --background starts: this very process becomes the daemon, and lets go of its standard error when it is ready.
        var detach = new Option<bool>("--detach") { Hidden = true };
        const string description = "Keep the tunnels of this network namespace, in the foreground and with a log on standard error.";
        var command = new Command("daemon", description)
        {
            background, idleExit, removeDevices, detach,
        };
        command.SetAction(parsed =>
        {
            var (seconds, remove) = (parsed.GetValue(idleExit), parsed.GetValue(removeDevices));
            return parsed.GetValue(background) ? Launch(seconds, remove) : Keep(seconds, remove, parsed.GetValue(detach));
        });
        return command;
    }

    private static int Launch(double? idleExit, bool removeDevices)
    {
        List<string> words = [];
        if (idleExit is { } seconds)
            words.AddRange(["--idle-exit", seconds.ToString(CultureInfo.InvariantCulture)]);
        if (removeDevices)
            words.Add("--remove-devices");
        try
        {
            new DaemonLauncher(DaemonPaths.ForThisNamespace(), words).Start();
            return 0;
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal($"qanat: {refused.Hint ?? refused.Message}");
        }
    }

    // Blocks this thread to the end, for a network namespace that was entered is this thread's, and that of the threads it begins.
    private static int Keep(double? idleExit, bool removeDevices, bool detach)
    {
        var options = new DaemonOptions
        {
            Background = detach,
            IdleExit = idleExit is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            RemoveDevices = removeDevices,
            DataPlane = log => new UserDataPlane(log),
        };
        return DaemonHost.RunAsync(options, CancellationToken.None).GetAwaiter().GetResult();
    }
}
