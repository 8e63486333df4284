using System.CommandLine;
using Qanat.Daemon.WireGuard.Up;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat down</c>: an interface goes, and all that came with it.</summary>
internal static class DownCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        var argument = ConfigArgument.ForRunning();
        var command = new Command("down", "Take an interface down that qanat up brought up, or what a killed one left.") { argument };
        command.SetAction(parsed =>
        {
            var (name, _) = ConfigArgument.Resolve(parsed.GetRequiredValue(argument));
            return InterfaceHost.DownAsync(name, InterfaceProcess.Teller(session)).GetAwaiter().GetResult();
        });
        return command;
    }
}
