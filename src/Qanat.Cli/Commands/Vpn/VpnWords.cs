using System.CommandLine;
using Qanat.Crypto;
using Qanat.Linux;
using Qanat.Cli.Iproute2;
using Qanat.Vpn;
using Qanat.Vpn.Storage;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>Arguments and options that verbs of <c>qanat vpn</c> share, and how they are refused.</summary>
internal static class VpnWords
{
    /// <summary>The name of a network that there is.</summary>
    public static Argument<string> Network(VpnSurroundings vpn)
    {
        var name = NewNetwork("The network");
        name.CompletionSources.Add(_ => Offer(() => VpnDirectory.Names(vpn.Root)));
        return name;
    }

    /// <summary>The name of a network.</summary>
    public static Argument<string> NewNetwork(string description) => Named("NAME", description, VpnText.NetworkName);

    /// <summary>The name of a peer that there is.</summary>
    public static Argument<string> Peer(VpnSurroundings vpn, Argument<string> network)
    {
        var name = NewPeer();
        name.CompletionSources.Add(context => Offer(() =>
        {
            using var known = vpn.Open(context.ParseResult.GetRequiredValue(network)).Read();
            return [.. known.Peers.Select(peer => peer.Name)];
        }));
        return name;
    }

    /// <summary>The name of a peer.</summary>
    public static Argument<string> NewPeer() => Named("PEER", "The peer", VpnText.PeerName);

    /// <summary>Print JSON.</summary>
    public static Option<bool> Json() => new("--json", "-j") { Description = "Print JSON" };

    /// <summary>An option whose value is read by a function; what that refuses makes no sense on the command line.</summary>
    public static Option<T> Read<T>(string name, string value, string description, Func<string, T> parse) => new(name)
    {
        HelpName = value,
        Description = description,
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[0].Value);
            }
            catch (VpnException wrong)
            {
                result.AddError(wrong.Message);
                return default;
            }
        },
    };

    /// <summary>Runs a verb: what cannot be done is said in one line.</summary>
    public static int Run(Func<int> verb)
    {
        try
        {
            return verb();
        }
        catch (LinuxException closed) when (closed.Error == Errno.EPIPE)
        {
            throw; // nobody reads any more: there is nobody to tell
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptoException)
        {
            throw CommandFailure.Refusal($"qanat: {fault.Message}");
        }
    }

    private static Argument<string> Named(string word, string description, Func<string, string> parse)
    {
        var argument = new Argument<string>(word) { HelpName = word, Description = description }.WithoutOptions();
        argument.Validators.Add(result =>
        {
            try
            {
                foreach (var token in result.Tokens.Where(token => token.Value is not ['-', _, ..]))
                    parse(token.Value);
            }
            catch (VpnException wrong)
            {
                result.AddError(wrong.Message);
            }
        });
        return argument;
    }

    // Whoever presses a key wants words, no excuses.
    private static IReadOnlyList<string> Offer(Func<IReadOnlyList<string>> words)
    {
        try
        {
            return words();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return [];
        }
    }
}
