using System.CommandLine;
using Qanat.Cli.Declarative;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Commands;

/// <summary><c>qanat export</c>: writes the file that <c>qanat apply</c> reads, from what is.</summary>
internal static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create(GlobalOptions options, Session session)
    {
        var json = new Option<bool>("--json", "-j") { Description = "Write JSON, which is YAML too" };
        var command = new Command("export", "Write the tunnels of this network namespace as a file for \"qanat apply\".") { json };
        command.SetAction(parsed => Run(parsed.GetValue(json) || options.Json, session));
        return command;
    }

    private static int Run(bool json, Session session) => HostSession.Run(session, (client, network) =>
    {
        var host = HostState.Read(client, network).Document;
        var document = DocumentWriter.Write(host with { Tunnels = [.. host.Tunnels.Select(tunnel => tunnel.WithoutKernels())] });
        if (json)
            session.Out.Write(YamlWriter.Json(document));
        else
            YamlWriter.WriteBlock(session.Out, document);
        return 0;
    });
}
