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
        var postQuantum = UpCommand.PostQuantumOption();
        var detach = InterfaceProcess.DetachOption();
        var command = new Command("up", "Bring a network's hub up: its interface, forwarding and firewall, for as long as it is up.")
        {
            network, foreground, postQuantum, detach,
        };
        command.SetAction(parsed => VpnWords.Run(() =>
        {
            var directory = session.Vpn.Open(parsed.GetRequiredValue(network));
            var (keys, tell) = (parsed.GetValue(postQuantum), InterfaceProcess.Teller(session));
            string[] options = keys ? ["--detach", "--post-quantum"] : ["--detach"];
            if (!parsed.GetValue(detach))
                Warn(directory, session);
            return parsed.GetValue(detach) ? InterfaceProcess.Detach((say, ready, stop) => Keep(directory, keys, say, ready, stop))
                : parsed.GetValue(foreground) ? Keep(directory, keys, tell, static () => { }, CancellationToken.None)
                : InterfaceProcess.Launch(["vpn", "up", .. options, directory.Name], session);
        }));
        return command;
    }

    // It goes on: somebody may mean it. Why there is no such network is said by whoever needs it.
    private static void Warn(VpnDirectory directory, Session session)
    {
        try
        {
            using var network = directory.Read();
            HostSubnets.Warn(network, session);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static int Keep(
        VpnDirectory directory, bool postQuantum, Action<string> say, Action ready, CancellationToken cancellation) =>
        VpnHost.RunAsync(directory, postQuantum, say, ready, cancellation).GetAwaiter().GetResult();
}
