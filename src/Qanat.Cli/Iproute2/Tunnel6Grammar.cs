namespace Qanat.Cli.Iproute2;

/// <summary>The words after <c>-6 tunnel add</c>, <c>change</c>, <c>del</c> and <c>show</c>.</summary>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class Tunnel6Grammar(Func<string, bool> deviceExists)
{
    private const uint MaxFlowLabel = 0xFFFFF;

    /// <summary>Reads the words.</summary>
    /// <param name="words">What follows the command's own word.</param>
    /// <param name="request">What holds unless they say otherwise.</param>
    /// <param name="existing">
    /// For <c>change</c>: gets the tunnel of a name. When the name comes first, the words change what that tunnel has; when
    /// it comes later they describe all of it.
    /// </param>
    /// <exception cref="CommandFailure">They make no sense, or <c>help</c> is one of them.</exception>
    public Tunnel6Request Parse(Words words, Tunnel6Request request, Func<string, Tunnel6Request>? existing = null)
    {
        string? dev = null;
        for (var first = true; words.MoveNext(); first = false)
        {
            switch (words.Current)
            {
                case "mode":
                    request.Mode = Tunnel6Mode.Find(words.Value()) ??
                        throw CommandFailure.Nonsense($"Unknown tunnel mode \"{words.Current}\"");
                    break;
                case "remote":
                    request.Remote = Addresses.ParseIPv6(words.Value());
                    break;
                case "local":
                    request.Local = Addresses.ParseIPv6(words.Value());
                    break;
                case "dev":
                    dev = words.Value();
                    break;
                case "encaplimit":
                    ReadEncapLimit(words, request);
                    break;
                case "hoplimit" or "ttl" or "hlim":
                    request.HopLimit = Numbers.TryParseByte(words.Value(), 0, out var limit) ? limit : throw Wrong(words, "invalid TTL");
                    break;
                case "tclass" or "tc" or "tos":
                    ReadTrafficClass(words, request);
                    break;
                case "flowlabel" or "fl":
                    ReadFlowLabel(words, request);
                    break;
                case "dscp":
                    if (words.Value() != "inherit")
                        throw Wrong(words, "not inherit");
                    request.Set(Tunnel6Flags.ReceiveDscpCopy);
                    break;
                case "allow-localremote":
                    request.Set(Tunnel6Flags.AllowLocalRemote);
                    break;
                case "noallow-localremote":
                    request.Set(Tunnel6Flags.AllowLocalRemote, on: false);
                    break;
                case var _ when request.Gre.TryRead(words):
                    break;
                case var word when Words.Abbreviates(word, "dsfield"):
                    ReadTrafficClass(words, request);
                    break;
                default:
                    request = ReadName(words, request, first ? existing : null);
                    break;
            }
        }
        if (dev is not null)
            request.Dev = deviceExists(dev) ? dev : throw CommandFailure.NoDevice(dev);
        return request;
    }

    private static Tunnel6Request ReadName(Words words, Tunnel6Request request, Func<string, Tunnel6Request>? existing)
    {
        if (words.Current == "name")
            words.Value();
        else if (Words.Abbreviates(words.Current, "help"))
            throw TunnelUsage.IPv6();
        if (request.Name.Length > 0)
            throw CommandFailure.Garbage("name", words.Current);
        TunnelGrammar.CheckName("name", words.Current);
        request.Name = words.Current;
        return existing?.Invoke(request.Name) ?? request;
    }

    // What is no number counts as 0: ip takes it for whatever its memory holds.
    private static void ReadEncapLimit(Words words, Tunnel6Request request)
    {
        var none = words.Value() == "none";
        request.Set(Tunnel6Flags.IgnoreEncapLimit, none);
        if (!none)
            request.EncapLimit = Numbers.TryParseByte(words.Current, 0, out var limit) ? limit : (byte)0;
    }

    private static void ReadTrafficClass(Words words, Tunnel6Request request)
    {
        var inherit = words.Value() == "inherit";
        request.Set(Tunnel6Flags.UseOriginalTrafficClass, inherit);
        request.TrafficClass = inherit ? (byte)0
            : Numbers.TryParseByte(words.Current, 16, out var value) ? value
            : throw Wrong(words, "invalid TClass");
    }

    private static void ReadFlowLabel(Words words, Tunnel6Request request)
    {
        var inherit = words.Value() == "inherit";
        request.Set(Tunnel6Flags.UseOriginalFlowLabel, inherit);
        request.FlowLabel = inherit ? 0
            : Numbers.TryParse(words.Current, 16, MaxFlowLabel, out var value) ? (uint)value
            : throw Wrong(words, "invalid Flowlabel");
    }

    private static CommandFailure Wrong(Words words, string why) => CommandFailure.WrongArgument(words.Current, why);
}
