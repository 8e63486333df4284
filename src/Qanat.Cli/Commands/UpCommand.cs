using System.CommandLine;
using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Up;

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
        var detach = InterfaceProcess.DetachOption();
        var command = new Command("up", "Bring a WireGuard interface up as a file of wg-quick says, without wg-quick or wg.")
        {
            argument, foreground, killSwitch, detach,
        };
        command.SetAction(parsed =>
        {
            var (name, path) = ConfigArgument.Resolve(parsed.GetRequiredValue(argument));
            var withSwitch = parsed.GetValue(killSwitch);
            var tell = InterfaceProcess.Teller(session);
            return parsed.GetValue(detach) ? InterfaceProcess.Detach((say, ready, stop) => Keep(name, path, withSwitch, say, ready, stop))
                : parsed.GetValue(foreground) ? Keep(name, path, withSwitch, tell, static () => { }, CancellationToken.None)
                : InterfaceProcess.Launch(["up", "--detach", .. withSwitch ? (string[])["--kill-switch"] : [], path], session);
        });
        return command;
    }

    private static int Keep(
        string name, string path, bool killSwitch, Action<string> say, Action ready, CancellationToken cancellation)
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
        return InterfaceHost.RunAsync(run, cancellation).GetAwaiter().GetResult();
    }
}
