using Qanat.Vpn.Storage;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>Waits until a hub that runs has followed a change of its network.</summary>
internal static class HubWait
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits, within bounds, and says when the change is of no effect yet.</summary>
    /// <param name="session">What the command works with.</param>
    /// <param name="directory">The network's directory.</param>
    /// <param name="isShown">Whether an interface shows the change.</param>
    public static void UntilShown(Session session, VpnDirectory directory, Func<HubStatus, bool> isShown)
    {
        var (vpn, name) = (session.Vpn, directory.Name);
        // A hub whose folder was replaced holds the new one in a moment.
        if (!directory.IsRun && vpn.Hub(name) is null)
        {
            session.Error.Write($"{name} is not up here: this takes effect at \"qanat vpn up {name}\".\n");
            return;
        }
        for (var end = Environment.TickCount64 + (long)vpn.Patience.TotalMilliseconds; vpn.Hub(name) is not { } hub || !isShown(hub);)
        {
            if (Environment.TickCount64 > end)
            {
                session.Error.Write($"{name} is up, but its interface has not taken this on within {vpn.Patience.TotalSeconds:0} s.\n");
                return;
            }
            Thread.Sleep(s_look);
        }
    }
}
