using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Linux;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat up</c>: a WireGuard interface, and what surrounds it, from a file of wg-quick.</summary>
internal static class UpCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        var argument = ConfigArgument.ForUp();
        var foreground = new Option<bool>("--foreground", "-f") { Description = "Stay, until SIGTERM, Ctrl-C or qanat down" };
        var killSwitch = new Option<bool>("--kill-switch")
        {
            Description = "Let nothing out but through the interface, whatever becomes of it, until qanat down",
        };
        // What goes to the background: this very process keeps the interface, and lets go of the terminal when it is up.
        var detach = new Option<bool>("--detach") { Hidden = true };
        var command = new Command("up", "Bring a WireGuard interface up as a file of wg-quick says, without wg-quick or wg.")
        {
            argument, foreground, killSwitch, detach,
        };
        command.SetAction(parsed =>
        {
            var (name, path) = ConfigArgument.Resolve(parsed.GetRequiredValue(argument));
            var withSwitch = parsed.GetValue(killSwitch);
            return parsed.GetValue(detach) ? Detach(name, path, withSwitch)
                : parsed.GetValue(foreground) ? Keep(name, path, withSwitch, line => session.Error.Write($"{line}\n"), static () => { })
                : Launch(path, withSwitch, session);
        });
        return command;
    }

    // Whoever launched it reads lines to the last, and no further.
    private static int Detach(string name, string path, bool killSwitch)
    {
        var (isHeard, turn) = (true, new Lock());
        return Keep(name, path, killSwitch, Say, Leave);

        void Say(string line)
        {
            lock (turn)
                if (isHeard)
                    isHeard = TryWrite(line);
        }

        void Leave()
        {
            Say(StepLines.End(0));
            isHeard = false;
            Daemonizer.Detach("/dev/null", keepError: WireGuardProgram.WantsLog);
        }
    }

    private static bool TryWrite(string line)
    {
        try
        {
            using var output = StandardStream.Output();
            output.Write(Encoding.UTF8.GetBytes($"{line.ReplaceLineEndings(" ")}\n"));
            return true;
        }
        catch (IOException) // Nobody reads any more.
        {
            return false;
        }
    }

    private static int Keep(string name, string path, bool killSwitch, Action<string> say, Action ready)
    {
        if (ConfigFile.Read(path, say) is not { } config)
            return 1;
        var run = new InterfaceRun
        {
            Name = name,
            Config = config,
            File = path,
            KillSwitch = killSwitch,
            Level = WireGuardHostOptions.FromEnvironment(name).Level,
            Say = say,
            Ready = ready,
        };
        return InterfaceHost.RunAsync(run, CancellationToken.None).GetAwaiter().GetResult();
    }

    private static int Launch(string path, bool killSwitch, Session session)
    {
        string[] words = ["up", "--detach", .. killSwitch ? (string[])["--kill-switch"] : [], path];
        var start = new ProcessStartInfo(File.Exists(Environment.ProcessPath) ? Environment.ProcessPath : "/proc/self/exe", words)
        {
            // The runtime keeps a copy of each for life, so they are pipes that end with us.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = !WireGuardProgram.WantsLog,
            WorkingDirectory = "/",
        };
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // the runtime's own doors, files in /tmp that a killed process would leave
        try
        {
            using var child = Process.Start(start)!;
            var lastWords = WireGuardProgram.WantsLog ? null : child.StandardError.ReadToEndAsync();
            if (StepLines.Forward(child.StandardOutput, line => session.Error.Write($"{line}\n")) is { } exitCode)
                return exitCode;
            child.WaitForExit();
            session.Error.Write(lastWords?.GetAwaiter().GetResult() ?? "");
            return child.ExitCode == 0 ? CommandFailure.Refused : child.ExitCode;
        }
        catch (Win32Exception fault)
        {
            throw CommandFailure.Refusal($"qanat: cannot go to the background: {fault.Message}");
        }
    }
}
