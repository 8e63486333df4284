using System.CommandLine;
using System.Text;
using Qanat.Linux.Storage;
using Qanat.Vpn;

namespace Qanat.Cli.Commands.Vpn;

/// <summary><c>qanat vpn graph</c>: a picture of a network.</summary>
internal static class GraphVerb
{
    /// <summary>The verb.</summary>
    public static Command Create(Session session)
    {
        var network = VpnWords.Network(session.Vpn);
        var output = new Option<string?>("--output", "-o") { HelpName = "FILE", Description = "Write to a file, not to standard output" };
        output.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }])
                result.AddError("output: a file's name is expected, or - for standard output");
        });
        var command = new Command("graph", "Draw a network as SVG: the hub, its peers, and what they reach.") { network, output };
        command.SetAction(parsed => VpnWords.Run(() => Run(parsed.GetRequiredValue(network), parsed.GetValue(output), session)));
        return command;
    }

    private static int Run(string name, string? file, Session session)
    {
        using var network = session.Vpn.Open(name).Read();
        var picture = VpnGraph.Svg(network, session.Vpn.Now);
        if (file is null or "-")
            session.Out.Write(picture);
        else
            new DurableFile(Path.GetFullPath(file), "the picture is", new StateFiles()).Write(Encoding.UTF8.GetBytes(picture));
        return 0;
    }
}
