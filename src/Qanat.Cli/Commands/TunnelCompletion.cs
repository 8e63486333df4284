using System.CommandLine;
using System.CommandLine.Completions;
using System.Net.NetworkInformation;
using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Commands;

/// <summary>What may come next in <c>qanat tunnel ...</c>. The command itself never runs here: iproute2's grammar reads it.</summary>
internal static class TunnelCompletion
{
    private static readonly string[] Gre = ["key", "ikey", "okey", "csum", "icsum", "ocsum", "seq", "iseq", "oseq"];

    private static readonly string[] Keywords =
        ["mode", "remote", "local", "ttl", "tos", "pmtudisc", "nopmtudisc", "dev", .. Gre];

    private static readonly string[] Keywords6 =
    [
        "mode", "remote", "local", "hoplimit", "tclass", "flowlabel", "encaplimit", "dscp", "allow-localremote", "noallow-localremote",
        "dev", .. Gre,
    ];

    private static readonly string[] Verbs = ["add", "change", "del", "show", "list", "prl", "6rd", "help"];

    private static readonly string[] PrlKeywords = ["dev", "prl-default", "prl-nodefault", "prl-delete"];

    private static readonly string[] SixRdKeywords = ["dev", "6rd-prefix", "6rd-relay_prefix", "6rd-reset"];

    /// <summary>The command, for its completions.</summary>
    public static Command Create(Session session)
    {
        var tunnel = new Command("tunnel", "Tunnels, in the words of \"ip tunnel\"");
        foreach (var verb in Verbs)
        {
            var words = new Argument<string[]>("words");
            words.CompletionSources.Add(context => Next(context, verb, session));
            tunnel.Subcommands.Add(new Command(verb) { words });
        }
        return tunnel;
    }

    private static IEnumerable<string> Next(CompletionContext context, string verb, Session session)
    {
        string[] before = [.. context.ParseResult.Tokens.Select(token => token.Value).SkipWhile(word => word != verb).Skip(1)];
        if (context.WordToComplete.Length > 0)
            before = before[..^1];
        var only6 = context.ParseResult.UnmatchedTokens.Contains("-6");
        var keywords = verb switch
        {
            "prl" => PrlKeywords,
            "6rd" => SixRdKeywords,
            _ => only6 || before.Any(word => Tunnel6Mode.Find(word) is not null) ? Keywords6 : Keywords,
        };
        return before switch
        {
            _ when verb == "help" => [],
            [.., "mode"] => (only6 ? [] : TunnelMode.All.Select(mode => mode.Name)).Concat(Tunnel6Mode.All.Select(mode => mode.Words[0])),
            [.., "dev"] when verb is "prl" or "6rd" => Names(session, mode => mode is "sit" or "isatap"),
            [.., "dev"] => NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name),
            [.., "tos" or "ttl" or "tclass" or "flowlabel" or "dscp"] => ["inherit"],
            [.., "encaplimit"] => ["none"],
            [.., "remote" or "local" or "prl-delete"] => ["any"],
            [.., "key" or "ikey" or "okey" or "hoplimit" or "prl-default" or "prl-nodefault" or "6rd-prefix" or "6rd-relay_prefix"] => [],
            [] when verb is "change" or "del" or "show" or "list" => Names(session, _ => true).Concat(keywords),
            _ => keywords.Except(before),
        };
    }

    private static IEnumerable<string> Names(Session session, Func<string, bool> ofMode)
    {
        try
        {
            return session.Connect().List().Where(tunnel => ofMode(tunnel.Spec.Mode)).Select(tunnel => tunnel.Spec.Name);
        }
        catch (ApiException) // whoever presses a key wants words, no excuses
        {
            return [];
        }
    }
}
