using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;
using Qanat.Linux;

namespace Qanat.Cli.Declarative;

/// <summary>Works with the daemon and the devices of a network namespace; what they refuse ends the command.</summary>
internal static class HostSession
{
    /// <summary>Does something with both.</summary>
    /// <returns>What it returned.</returns>
    /// <exception cref="CommandFailure">One of them refused.</exception>
    public static int Run(Session session, Func<IQanatClient, IDeviceNetwork, int> act)
    {
        try
        {
            using var network = session.Network();
            return act(session.Connect(), network);
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal($"Cannot ask the daemon: {refused.Message}\n{refused.Hint}".TrimEnd());
        }
        catch (LinuxException refused)
        {
            throw CommandFailure.Refusal($"qanat: {refused.Message}");
        }
    }
}
