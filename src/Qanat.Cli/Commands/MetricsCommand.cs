using System.CommandLine;
using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.WireGuard.Sight;
using Qanat.Linux.Namespaces;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat metrics</c>: what the daemon's /metrics has, and without a daemon the WireGuard interfaces all the same.</summary>
internal static class MetricsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Session session)
    {
        const string description =
            "Print the metrics of this network namespace's tunnels and WireGuard interfaces in Prometheus' text format.";
        var command = new Command("metrics", description);
        command.SetAction(_ =>
        {
            session.Out.Write(OfDaemon(session) ?? new WireGuardMetrics(session.Interfaces(), NetworkNamespace.CurrentInode)
                .WriteAsync(CancellationToken.None).GetAwaiter().GetResult());
            return 0;
        });
        return command;
    }

    private static string? OfDaemon(Session session)
    {
        try
        {
            return session.Connect().Metrics();
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal($"Cannot ask the daemon: {refused.Message}\n{refused.Hint}".TrimEnd());
        }
    }
}
