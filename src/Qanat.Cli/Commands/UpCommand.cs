using System.CommandLine;
using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Up;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat up</c>: a WireGuard interface, and what surrounds it, from a file of wg-quick.</summary>
internal static class UpCommand
{
    private static readonly string[] s_none = [];

    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        var argument = ConfigArgument.ForUp();
        var foreground = new Option<bool>("--foreground", "-f") { Description = "Stay, until SIGTERM, Ctrl-C or qanat down" };
        var killSwitch = new Option<bool>("--kill-switch")
        {
            Description = "Let nothing out but through the interface, whatever becomes of it, until qanat down",
        };
        var postQuantum = PostQuantumOption();
        var detach = InterfaceProcess.DetachOption();
        var folder = new Option<string>("--folder") { Hidden = true, DefaultValueFactory = static _ => InterfaceProcess.Here };
        var command = new Command("up", "Bring a WireGuard interface up as a file of wg-quick says, without wg-quick or wg.")
        {
            argument, foreground, killSwitch, postQuantum, detach, folder,
        };
        command.SetAction(parsed =>
        {
            var (name, path) = ConfigArgument.ResolveFile(parsed.GetRequiredValue(argument));
            var run = new InterfaceRun
            {
                Name = name,
                Config = new(),
                File = path,
                Folder = parsed.GetRequiredValue(folder),
                KillSwitch = parsed.GetValue(killSwitch),
                PostQuantum = parsed.GetValue(postQuantum),
            };
            string[] options = [.. run.KillSwitch ? ["--kill-switch"] : s_none, .. run.PostQuantum ? ["--post-quantum"] : s_none];
            return parsed.GetValue(detach)
                ? InterfaceProcess.Detach((say, ready, stop) => Keep(run with { Say = say, Ready = ready }, stop))
                : parsed.GetValue(foreground) ? Keep(run with { Say = InterfaceProcess.Teller(session) }, CancellationToken.None)
                : InterfaceProcess.Launch(["up", "--detach", "--folder", run.Folder, .. options, path], session);
        });
        return command;
    }

    /// <summary>Whether post-quantum preshared keys are wanted.</summary>
    public static Option<bool> PostQuantumOption() => new("--post-quantum")
    {
        Description = "Make preshared keys that withstand quantum computers, with peers that do so too (OpenSSL 3.5 or later)",
    };

    private static int Keep(InterfaceRun run, CancellationToken cancellation)
    {
        if (ConfigFile.Read(run.File!, run.Say) is not { } config)
            return 1;
        var level = WireGuardHostOptions.FromEnvironment(run.Name).Level;
        return InterfaceHost.RunAsync(run with { Config = config, Level = level }, cancellation).GetAwaiter().GetResult();
    }
}
