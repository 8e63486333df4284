using System.CommandLine;
using System.CommandLine.Completions;
using System.Net.NetworkInformation;
using Qanat.Cli.Client;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Commands;

/// <summary>What may come next in <c>qanat tunnel ...</c>. The command itself never runs here: iproute2's grammar reads it.</summary>
internal static class TunnelCompletion
{
    private static readonly string[] Keywords = ["mode", "remote", "local", "ttl", "tos", "pmtudisc", "nopmtudisc", "dev"];

    /// <summary>The command, for its completions.</summary>
    public static Command Create(Session session)
    {
        var tunnel = new Command("tunnel", "Tunnels, in the words of \"ip tunnel\"");
        foreach (var verb in (string[])["add", "change", "del", "show", "list", "help"])
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
        return before switch
        {
            _ when verb == "help" => [],
            [.., "mode"] => TunnelMode.All.Select(mode => mode.Name),
            [.., "dev"] => NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name),
            [.., "tos" or "ttl"] => ["inherit"],
            [.., "remote" or "local"] => ["any"],
            [] when verb != "add" => Names(session).Concat(Keywords),
            _ => Keywords.Except(before),
        };
    }

    private static IEnumerable<string> Names(Session session)
    {
        try
        {
            return session.Connect().List().Select(tunnel => tunnel.Spec.Name);
        }
        catch (ApiException) // whoever presses a key wants words, no excuses
        {
            return [];
        }
    }
}
