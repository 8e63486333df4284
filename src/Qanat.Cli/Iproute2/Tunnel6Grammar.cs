namespace Qanat.Cli.Iproute2;

/// <summary>
/// What a command's words say about a tunnel over IPv6 (the kernel's <c>struct ip6_tnl_parm2</c>), as far as this version looks
/// at it.
/// </summary>
internal sealed class Tunnel6Request
{
    /// <summary>The device's name; empty when none was given.</summary>
    public string Name { get; set; } = "";

    /// <summary>The mode.</summary>
    public string Mode { get; set; } = "ip6ip6";

    /// <summary>The device that error texts name where a tunnel has no name yet.</summary>
    public string BaseDevice => Mode switch
    {
        "ip6gre" => "ip6gre0",
        "vti6" => "ip6_vti0",
        _ => "ip6tnl0",
    };
}

/// <summary>
/// The words after <c>-6 tunnel add</c>, <c>change</c>, <c>del</c> and <c>show</c>. No mode over IPv6 is carried yet, so the values
/// are checked, and let go.
/// </summary>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class Tunnel6Grammar(Func<string, bool> deviceExists)
{
    private const uint MaxFlowLabel = 0xFFFFF;

    /// <summary>Reads the words.</summary>
    /// <param name="words">What follows the command's own word.</param>
    /// <param name="exists">For <c>change</c>: throws when there is no tunnel of that name.</param>
    /// <exception cref="CommandFailure">They make no sense, or <c>help</c> is one of them.</exception>
    public Tunnel6Request Parse(Words words, Action<string>? exists = null)
    {
        var request = new Tunnel6Request();
        var gre = new GreOptions();
        string? dev = null;
        for (var first = true; words.MoveNext(); first = false)
        {
            switch (words.Current)
            {
                case "mode":
                    request.Mode = FindMode(words.Value()) ??
                        throw CommandFailure.Nonsense($"Unknown tunnel mode \"{words.Current}\"");
                    break;
                case "remote" or "local":
                    Addresses.ParseIPv6(words.Value());
                    break;
                case "dev":
                    dev = words.Value();
                    break;
                case "encaplimit": // a number that is none counts as 0
                    words.Value();
                    break;
                case "hoplimit" or "ttl" or "hlim":
                    Check(Numbers.TryParseByte(words.Value(), 0, out _), words, "invalid TTL");
                    break;
                case "tclass" or "tc" or "tos":
                    CheckTrafficClass(words);
                    break;
                case "flowlabel" or "fl":
                    var valid = words.Value() == "inherit" || Numbers.TryParse(words.Current, 16, MaxFlowLabel, out _);
                    Check(valid, words, "invalid Flowlabel");
                    break;
                case "dscp":
                    Check(words.Value() == "inherit", words, "not inherit");
                    break;
                case "allow-localremote" or "noallow-localremote":
                    break;
                case var _ when gre.TryRead(words):
                    break;
                case var word when Words.Abbreviates(word, "dsfield"):
                    CheckTrafficClass(words);
                    break;
                default:
                    request.Name = ReadName(words, request.Name);
                    if (first)
                        exists?.Invoke(request.Name);
                    break;
            }
        }
        if (dev is not null && !deviceExists(dev))
            throw CommandFailure.NoDevice(dev);
        return request;
    }

    /// <summary>The mode that a word after <c>mode</c> means; null when it means none over IPv6.</summary>
    public static string? FindMode(string word) => word switch
    {
        "ip6ip6" or "ipv6/ipv6" => "ip6ip6",
        "vti6" => "vti6",
        "ipip6" or "ip/ipv6" or "ipv4/ipv6" or "ip4ip6" => "ipip6",
        "ip6gre" or "gre/ipv6" => "ip6gre",
        "any" or "any/ipv6" => "any",
        _ => null,
    };

    private static string ReadName(Words words, string before)
    {
        if (words.Current == "name")
            words.Value();
        else if (Words.Abbreviates(words.Current, "help"))
            throw TunnelUsage.IPv6();
        if (before.Length > 0)
            throw CommandFailure.Garbage("name", words.Current);
        TunnelGrammar.CheckName("name", words.Current);
        return words.Current;
    }

    private static void CheckTrafficClass(Words words) =>
        Check(words.Value() == "inherit" || Numbers.TryParseByte(words.Current, 16, out _), words, "invalid TClass");

    private static void Check(bool valid, Words words, string why)
    {
        if (!valid)
            throw CommandFailure.WrongArgument(words.Current, why);
    }
}
