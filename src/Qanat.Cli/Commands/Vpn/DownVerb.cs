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
        var left = new Option<bool>("--left") { Hidden = true }; // what a hub's last will says
        var command = new Command("down", "Take a network's hub down, or take back what a killed one left.") { network, left };
        command.SetAction(parsed => VpnWords.Run(() =>
        {
            var directory = session.Vpn.Open(parsed.GetRequiredValue(network));
            if (!parsed.GetValue(left))
                return VpnHost.DownAsync(directory, InterfaceProcess.Teller(session)).GetAwaiter().GetResult();
            VpnHost.PutBackAsync(directory).GetAwaiter().GetResult();
            return 0;
        }));
        return command;
    }
}
