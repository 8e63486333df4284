using System.CommandLine;
using Qanat.Daemon.Vpn;
using Qanat.Vpn.Storage;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn up</c>: the hub of a network.</summary>
internal static class UpVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Session session)
    {
        var network = VpnWords.Network(session.Vpn);
        var foreground = new Option<bool>("--foreground", "-f") { Description = "Stay, until SIGTERM, Ctrl-C or qanat vpn down" };
        var detach = InterfaceProcess.DetachOption();
        var command = new Command("up", "Bring a network's hub up: its interface, forwarding and firewall, for as long as it is up.")
        {
            network, foreground, detach,
        };
        command.SetAction(parsed => VpnWords.Run(() =>
        {
            var directory = session.Vpn.Open(parsed.GetRequiredValue(network));
            var tell = InterfaceProcess.Teller(session);
            return parsed.GetValue(detach) ? InterfaceProcess.Detach((say, ready, stop) => Keep(directory, say, ready, stop))
                : parsed.GetValue(foreground) ? Keep(directory, tell, static () => { }, CancellationToken.None)
                : InterfaceProcess.Launch(["vpn", "up", "--detach", directory.Name], session);
        }));
        return command;
    }

    private static int Keep(VpnDirectory directory, Action<string> say, Action ready, CancellationToken cancellation) =>
        VpnHost.RunAsync(directory, say, ready, cancellation).GetAwaiter().GetResult();
}
