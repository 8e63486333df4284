using System.ComponentModel;
using System.Diagnostics;
using Qanat.Cli.Commands.Help;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.DataPlane;
using Qanat.Daemon.WireGuard;
using Qanat.Linux;

namespace Qanat.Cli.Commands;

/// <summary>
/// <c>qanat-wg</c>: this program under another name, which takes wireguard-go's arguments and environment, so that <c>wg-quick</c> and
/// scripts can have it in wireguard-go's place.
/// </summary>
internal static class WireGuardProgram
{
    /// <summary>The name that it goes by.</summary>
    public const string Name = "qanat-wg";

    private const string Foreground = "WG_PROCESS_FOREGROUND";

    // What that is for the process which is to go to the background, but says first whether it could begin.
    private const string UntilReady = "until-ready";

    private const string Usage = $"Usage: {Name} [-f|--foreground] INTERFACE\n";

    /// <summary>Whether the log is to stay on standard error.</summary>
    internal static bool WantsLog => Environment.GetEnvironmentVariable("LOG_LEVEL") is { Length: > 0 };

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string[] args, Session session)
    {
        switch (args)
        {
            case ["--version"]:
                session.Out.Write($"{Name} {ProgramHelp.Version}\n");
                return 0;
            case ["-h" or "--help"]:
                session.Out.Write(Usage);
                return 0;
            case [.., [not '-', ..] name] when args is [_] or ["-f" or "--foreground", _] && !WireGuardHost.IsName(name):
                throw CommandFailure.Refusal($"{Name}: \"{name}\": an interface's name of 1 to 15 bytes is expected, " +
                    "without slashes, colons and blanks.");
            case ["-f" or "--foreground", [not '-', ..] name]:
                return Keep(name, static () => { });
            case [[not '-', ..] name]:
                return Environment.GetEnvironmentVariable(Foreground) switch
                {
                    "1" => Keep(name, static () => { }),
                    UntilReady => Keep(name, Detach),
                    _ => Launch(name, session),
                };
            default:
                session.Error.Write(Usage);
                return 1;
        }
    }

    // The launcher reads a line, or to the end. What goes wrong later is said on the terminal when a log is asked for.
    private static void Detach()
    {
        using (var output = StandardStream.Output())
            output.Write("ready\n"u8);
        Daemonizer.Detach("/dev/null", keepError: WantsLog);
    }

    private static int Keep(string name, Action ready) =>
        WireGuardHost.RunAsync(OptionsOf(name) with { Ready = ready }, CancellationToken.None).GetAwaiter().GetResult();

    private static WireGuardHostOptions OptionsOf(string name)
    {
        try
        {
            return WireGuardHostOptions.FromEnvironment(name);
        }
        catch (FormatException fault)
        {
            throw CommandFailure.Refusal($"{Name}: {fault.Message}");
        }
    }

    private static int Launch(string name, Session session)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Name, name])
        {
            // The runtime keeps a copy of each for life, so they are pipes that end with us.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = !WantsLog,
            WorkingDirectory = "/",
        };
        start.Environment[Foreground] = UntilReady;
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // the runtime's own doors, files in /tmp that a killed process would leave
        var options = OptionsOf(name);
        Daemonizer.CloseOnExec([.. ((int?[])[options.TunDescriptor, options.UapiDescriptor]).OfType<int>()]);
        try
        {
            using var child = Process.Start(start)!;
            if (child.StandardOutput.ReadLine() is not null)
            {
                // Its own words are not heard where no log is asked for.
                if (!WantsLog && PostQuantumKeys.Obstacle(UserDataPlaneOptions.FromEnvironment().PostQuantum) is { } obstacle)
                    session.Error.Write($"{Name}: {name}: {obstacle}\n");
                return 0;
            }
            if (!WantsLog)
                session.Error.Write(child.StandardError.ReadToEnd());
            child.WaitForExit();
            return child.ExitCode;
        }
        catch (Win32Exception fault)
        {
            session.Error.Write($"{Name}: cannot go to the background: {fault.Message}\n");
            return 1;
        }
    }
}
