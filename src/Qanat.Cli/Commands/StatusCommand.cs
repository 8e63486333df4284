using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat status</c>: whether a daemon keeps this network namespace, and how it is.</summary>
internal static class StatusCommand
{
    // As systemctl has it for a unit that is not active.
    private const int NotRunning = 3;

    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var json = new Option<bool>("--json", "-j") { Description = "Print the daemon's own answer, or null when there is no daemon" };
        var command = new Command("status", "Show the daemon of this network namespace. The exit code is 3 when there is none.") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json) || options.Json, session));
        return command;
    }

    private static int Run(bool json, Session session)
    {
        DaemonStatus? status;
        try
        {
            status = session.Connect().Status();
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal($"Cannot ask the daemon: {refused.Message}\n{refused.Hint}".TrimEnd());
        }
        if (json)
            session.Out.Write((status is null ? "null" : JsonSerializer.Serialize(status, Indented.DaemonStatus)) + "\n");
        else
            session.Out.Write(status is null ? "No daemon runs in this network namespace.\n" : Text(status));
        return status is null ? NotRunning : 0;
    }

    private static ApiJson Indented { get; } = new(new JsonSerializerOptions(ApiJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for a terminal, not for HTML
    });

    private static string Text(DaemonStatus status)
    {
        (string Name, string Value)[] facts =
        [
            ("namespace", status.Namespace),
            ("daemon", $"qanat {status.Version}, process {status.Pid}, since {status.Started.ToLocalTime():yyyy-MM-dd HH:mm:ss}"),
            ("tunnels", $"{status.Tunnels}"),
            ("data path", status.DataPath),
            .. status.Features.OrderBy(feature => feature.Key, StringComparer.Ordinal).Select(feature => (feature.Key, feature.Value)),
        ];
        var width = facts.Max(fact => fact.Name.Length);
        return string.Concat(facts.Select(fact => $"{fact.Name.PadRight(width)}  {fact.Value}\n"));
    }
}
