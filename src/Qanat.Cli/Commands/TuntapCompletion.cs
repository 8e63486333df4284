using System.CommandLine;
using System.CommandLine.Completions;
using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Commands;

/// <summary>What may come next in <c>qanat tuntap ...</c>. The command itself never runs here: iproute2's grammar reads it.</summary>
internal static class TuntapCompletion
{
    private static readonly string[] Keywords = ["dev", "mode", "user", "group", "pi", "vnet_hdr", "multi_queue", "one_queue"];

    /// <summary>The command, for its completions.</summary>
    public static Command Create()
    {
        var tuntap = new Command("tuntap", "TUN and TAP devices, in the words of \"ip tuntap\"");
        foreach (var verb in (string[])["add", "del", "show", "list", "help"])
        {
            var words = new Argument<string[]>("words");
            words.CompletionSources.Add(context => Next(context, verb));
            tuntap.Subcommands.Add(new Command(verb) { words });
        }
        return tuntap;
    }

    private static IEnumerable<string> Next(CompletionContext context, string verb)
    {
        string[] before = [.. context.ParseResult.Tokens.Select(token => token.Value).SkipWhile(word => word != verb).Skip(1)];
        if (context.WordToComplete.Length > 0)
            before = before[..^1];
        return before switch
        {
            _ when verb is not ("add" or "del") => [],
            [.., "mode"] => ["tun", "tap"],
            [.., "dev"] => verb == "del" ? Devices() : [],
            [.., "user" or "group"] => [],
            _ => Keywords.Except(before),
        };
    }

    private static IEnumerable<string> Devices()
    {
        try
        {
            using var netlink = new RouteNetlink();
            return netlink.Links.List().Where(link => link.Kind == "tun").Select(link => link.Name);
        }
        catch (LinuxException) // whoever presses a key wants words, no excuses
        {
            return [];
        }
    }
}
