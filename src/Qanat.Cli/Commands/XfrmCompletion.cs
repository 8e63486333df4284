using System.CommandLine;
using System.CommandLine.Completions;

namespace Qanat.Cli.Commands;

/// <summary>What may come next in <c>qanat xfrm ...</c>. The command itself never runs here: iproute2's grammar reads it.</summary>
internal static class XfrmCompletion
{
    private static readonly string[] Verbs = ["add", "update", "delete", "get", "deleteall", "list", "flush", "count", "help"];

    private static readonly string[] StateWords =
    [
        "src", "dst", "proto", "spi", "mode", "mark", "output-mark", "reqid", "seq", "replay-window", "replay-seq", "replay-oseq", "flag",
        "extra-flag", "sel", "limit", "encap", "if_id", "aead", "enc", "auth", "auth-trunc",
    ];

    private static readonly string[] PolicyWords =
    [
        "src", "dst", "proto", "sport", "dport", "dev", "dir", "mark", "index", "action", "priority", "flag", "limit", "if_id", "tmpl",
        "spi", "reqid", "mode", "level",
    ];

    private static readonly string[] Limits =
    [
        "time-soft", "time-hard", "time-use-soft", "time-use-hard", "byte-soft", "byte-hard", "packet-soft", "packet-hard",
    ];

    /// <summary>The command, for its completions.</summary>
    public static Command Create() => new("xfrm", "IPsec states and policies, in the words of \"ip xfrm\"")
    {
        CreateObject("state", StateWords),
        CreateObject("policy", PolicyWords),
    };

    private static Command CreateObject(string name, string[] keywords)
    {
        var command = new Command(name);
        foreach (var verb in Verbs)
        {
            var words = new Argument<string[]>("words");
            words.CompletionSources.Add(context => Next(context, verb, keywords));
            command.Subcommands.Add(new Command(verb) { words });
        }
        return command;
    }

    private static string[] Next(CompletionContext context, string verb, string[] keywords)
    {
        string[] before = [.. context.ParseResult.Tokens.Select(token => token.Value).SkipWhile(word => word != verb).Skip(1)];
        if (context.WordToComplete.Length > 0)
            before = before[..^1];
        return before switch
        {
            _ when verb is "flush" or "count" or "help" => [],
            [.., "src" or "dst" or "spi" or "reqid" or "seq" or "mark" or "priority" or "index"] => [],
            [.., "mode"] => ["tunnel", "transport"],
            [.., "dir"] => ["in", "out", "fwd"],
            [.., "action"] => ["allow", "block"],
            [.., "level"] => ["required", "use"],
            [.., "limit"] => Limits,
            [.., "flag"] => keywords == PolicyWords ? ["localok", "icmp"] : ["esn", "noecn", "decap-dscp", "nopmtudisc", "af-unspec"],
            [.., "encap"] => ["espinudp"],
            [.., "aead"] => ["rfc4106(gcm(aes))", "rfc7539esp(chacha20,poly1305)"],
            [.., "enc"] => ["cbc(aes)"],
            [.., "auth" or "auth-trunc"] => ["hmac(sha256)", "hmac(sha384)", "hmac(sha512)", "hmac(sha1)"],
            [.., "proto"] => ["esp"],
            _ => keywords,
        };
    }
}
