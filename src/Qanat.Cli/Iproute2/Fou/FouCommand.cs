using Qanat.Cli.Client;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Fou;

/// <summary><c>fou</c>: the UDP ports that receive for tunnels, in iproute2's texts.</summary>
/// <param name="options">The options before <c>fou</c>.</param>
/// <param name="session">What it works with.</param>
internal sealed class FouCommand(GlobalOptions options, Session session)
{
    private readonly IQanatClient _client = session.Connect();

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>fou</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        if (!words.MoveNext() || Words.Abbreviates(words.Current, "help"))
            throw FouGrammar.Usage();
        var grammar = new FouGrammar(options, session.DeviceExists);
        if (Words.Abbreviates(words.Current, "add"))
        {
            var port = grammar.Parse(words, adding: true);
            NetlinkAnswers.Attempt(() => _client.AddFouPort(port));
        }
        else if (Words.Abbreviates(words.Current, "delete"))
        {
            var port = grammar.Parse(words, adding: false);
            NetlinkAnswers.Attempt(() => _client.DeleteFouPort(port));
        }
        else if (Words.Abbreviates(words.Current, "show"))
        {
            if (words.MoveNext())
                throw CommandFailure.Refusal("\"qanat fou show\" does not take any arguments.");
            Show(NetlinkAnswers.Attempt(_client.ListFouPorts));
        }
        else
        {
            throw CommandFailure.Nonsense($"Command \"{words.Current}\" is unknown, try \"qanat fou help\".");
        }
    }

    private void Show(IReadOnlyList<FouPort> ports)
    {
        if (!options.Json)
        {
            foreach (var port in ports)
                Line(port);
            return;
        }
        var json = new JsonPrinter(session.Out, options.Pretty);
        json.BeginArray();
        foreach (var port in ports)
            Object(json, port);
        json.EndArray();
        session.Out.Write('\n');
    }

    private void Line(FouPort port)
    {
        var output = session.Out;
        output.Write($"port {port.Port}{(port.Gue ? " gue" : $" ipproto {port.Protocol}")}");
        if (port.Family == "inet6")
            output.Write(" -6");
        if (port.Local != "any")
            output.Write($" local {port.Local}");
        if (port.Peer != "any")
            output.Write($" peer {port.Peer} peer_port {port.PeerPort}");
        if (port.Dev is not null)
            output.Write($" dev {port.Dev}");
        output.Write('\n');
    }

    private static void Object(JsonPrinter json, FouPort port)
    {
        json.BeginObject();
        json.Number("port", port.Port);
        if (port.Gue)
            json.Null("gue");
        else
            json.Number("ipproto", port.Protocol ?? 0);
        json.String("family", port.Family);
        if (port.Local != "any")
            json.String("local", port.Local);
        if (port.Peer != "any")
        {
            json.String("peer", port.Peer);
            json.Number("peer_port", port.PeerPort);
        }
        if (port.Dev is not null)
            json.String("dev", port.Dev);
        json.EndObject();
    }
}
