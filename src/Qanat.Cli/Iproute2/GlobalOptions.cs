namespace Qanat.Cli.Iproute2;

/// <summary>Protocol families by their numbers (linux/socket.h).</summary>
internal enum AddressFamilyOption
{
    Unspecified = 0,
    Inet = 2,
    Bridge = 7,
    Inet6 = 10,
    Packet = 17,
    Mpls = 28,
}

/// <summary>When output is coloured.</summary>
internal enum ColorOption
{
    Never,
    Auto,
    Always,
}

/// <summary>
/// The options before the object, <c>ip</c>'s own: abbreviated to any beginning that no earlier one has, with one dash or two. Those
/// that have no meaning here (<c>-resolve</c>, <c>-loops</c>, ...) are taken, and do nothing.
/// </summary>
internal sealed class GlobalOptions
{
    // The order decides what an abbreviation means: -h is -human-readable.
    private static readonly string[] Names =
    [
        "-loops", "-family", "-4", "-6", "-0", "-M", "-B", "-human-readable", "-iec", "-stats", "-statistics", "-details", "-resolve",
        "-oneline", "-timestamp", "-tshort", "-Version", "-force", "-batch", "-brief", "-json", "-pretty", "-rcvbuf", "-color", "-help",
        "-netns",
        "-Numeric", "-all", "-echo",
    ];

    /// <summary>The family asked for.</summary>
    public AddressFamilyOption Family { get; private set; }

    /// <summary>Whether counters are shown.</summary>
    public bool Statistics { get; private set; }

    /// <summary>Whether kinds of errors are told apart: <c>-s -s</c>.</summary>
    public bool MoreStatistics { get; private set; }

    /// <summary>Whether a device takes a line of a few words.</summary>
    public bool Brief { get; private set; }

    /// <summary>Whether everything known is shown.</summary>
    public bool Details { get; private set; }

    /// <summary>Whether output is JSON.</summary>
    public bool Json { get; private set; }

    /// <summary>Whether JSON is indented.</summary>
    public bool Pretty { get; private set; }

    /// <summary>Whether a record takes one line, with backslashes where others have line ends.</summary>
    public bool Oneline { get; private set; }

    /// <summary>Whether numbers stay numbers where they have names.</summary>
    public bool Numeric { get; private set; }

    /// <summary>When output is coloured.</summary>
    public ColorOption Color { get; private set; }

    /// <summary>The network namespace to work in, by its name in /run/netns.</summary>
    public string? NetworkNamespace { get; private set; }

    /// <summary>A file of commands, or <c>-</c> for standard input.</summary>
    public string? BatchFile { get; private set; }

    /// <summary>Whether a batch goes on after a command that failed.</summary>
    public bool Force { get; private set; }

    /// <summary>Whether the version is asked for.</summary>
    public bool Version { get; private set; }

    /// <summary>Whether help is asked for.</summary>
    public bool Help { get; private set; }

    /// <summary>Reads the options at the beginning of a command line.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="rest">What follows the options.</param>
    /// <exception cref="CommandFailure">An option is unknown, or its value is missing or wrong.</exception>
    public static GlobalOptions Parse(IReadOnlyList<string> args, out string[] rest)
    {
        var options = new GlobalOptions();
        var at = 0;
        while (at < args.Count && args[at].StartsWith('-'))
        {
            var option = args[at++];
            if (option == "--")
                break;
            options.Apply(option.StartsWith("--", StringComparison.Ordinal) ? option[1..] : option, args, ref at);
        }
        rest = [.. args.Skip(at)];
        return options;
    }

    private void Apply(string option, IReadOnlyList<string> args, ref int at)
    {
        var head = option.Split('=')[0];
        var name = Array.Find(Names, name => Words.Abbreviates(name == "-color" ? head : option, name));
        switch (name)
        {
            case "-family":
                Family = ParseFamily(Value(args, ref at));
                break;
            case "-4":
                Family = AddressFamilyOption.Inet;
                break;
            case "-6":
                Family = AddressFamilyOption.Inet6;
                break;
            case "-0":
                Family = AddressFamilyOption.Packet;
                break;
            case "-M":
                Family = AddressFamilyOption.Mpls;
                break;
            case "-B":
                Family = AddressFamilyOption.Bridge;
                break;
            case "-stats" or "-statistics":
                (Statistics, MoreStatistics) = (true, Statistics);
                break;
            case "-details":
                Details = true;
                break;
            case "-brief":
                Brief = true;
                break;
            case "-oneline":
                Oneline = true;
                break;
            case "-json":
                Json = true;
                break;
            case "-pretty":
                Pretty = true;
                break;
            case "-Numeric":
                Numeric = true;
                break;
            case "-netns":
                NetworkNamespace = Value(args, ref at);
                break;
            case "-batch":
                BatchFile = Value(args, ref at);
                break;
            case "-force":
                Force = true;
                break;
            case "-Version":
                Version = true;
                break;
            case "-help":
                Help = true;
                break;
            case "-loops":
                Value(args, ref at);
                break;
            case "-rcvbuf":
                var size = Value(args, ref at);
                if (!Numbers.TryParseUInt(size, 0, out _))
                    throw CommandFailure.Nonsense($"Invalid rcvbuf size '{size}'");
                break;
            case "-color" when ParseColor(option[head.Length..]) is { } color:
                Color = color;
                break;
            case null or "-color":
                throw CommandFailure.Nonsense($"Option \"{option}\" is unknown, try \"qanat -help\".");
            default:
                break;
        }
    }

    private static string Value(IReadOnlyList<string> args, ref int at) => at < args.Count ? args[at++] : throw CommandFailure.Incomplete();

    private static AddressFamilyOption ParseFamily(string word) => word switch
    {
        "inet" => AddressFamilyOption.Inet,
        "inet6" => AddressFamilyOption.Inet6,
        "link" => AddressFamilyOption.Packet,
        "mpls" => AddressFamilyOption.Mpls,
        "bridge" => AddressFamilyOption.Bridge,
        _ => throw CommandFailure.WrongArgument(word, "invalid protocol family"),
    };

    private static ColorOption? ParseColor(string value) => value switch
    {
        "" or "=" or "=always" => ColorOption.Always,
        "=auto" => ColorOption.Auto,
        "=never" => ColorOption.Never,
        _ => null,
    };
}
