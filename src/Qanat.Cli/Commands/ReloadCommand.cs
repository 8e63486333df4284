using System.CommandLine;
using Qanat.Daemon.WireGuard.Up;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat reload</c>: an interface becomes what its file says now.</summary>
internal static class ReloadCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        var argument = ConfigArgument.ForRunning();
        const string description = "Read an interface's file anew and change what differs: peers, addresses, MTU, DNS, routes.\n" +
            "No session of a peer that stays is dropped, and nothing is done when there is a mistake in the file.";
        var command = new Command("reload", description) { argument };
        command.SetAction(parsed =>
        {
            var word = parsed.GetRequiredValue(argument);
            var (name, path) = ConfigArgument.Resolve(word);
            // A name is that of an interface which knows its file.
            return InterfaceHost.Reload(name, ConfigArgument.IsName(word) ? null : path, InterfaceProcess.Teller(session));
        });
        return command;
    }
}
