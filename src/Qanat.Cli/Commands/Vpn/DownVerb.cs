using System.CommandLine;
using Qanat.Daemon.Vpn;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn down</c>: the hub of a network goes, and all that came with it.</summary>
internal static class DownVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Session session)
    {
        var network = VpnWords.Network(session.Vpn);
        var command = new Command("down", "Take a network's hub down, or take back what a killed one left.") { network };
        command.SetAction(parsed => VpnWords.Run(() => VpnHost.DownAsync(
            session.Vpn.Open(parsed.GetRequiredValue(network)), InterfaceProcess.Teller(session)).GetAwaiter().GetResult()));
        return command;
    }
}
