using Qanat.Cli.Iproute2.Links;

namespace Qanat.Cli.Iproute2.Fdb;

/// <summary>The words after <c>fdb get</c>.</summary>
internal sealed class FdbQuestion
{
    // What the kernel refuses ends with this, and not with what every other verb of bridge fdb has.
    private const int ExitCode = 254;

    private string? _bridge;
    private bool _self, _master;
    private int? _vlan;

    /// <summary>The tunnel's device.</summary>
    public string Device { get; private set; } = "";

    /// <summary>The Ethernet address.</summary>
    public string Mac { get; private set; } = "";

    /// <summary>Whether permanent entries are passed over.</summary>
    public bool Dynamic { get; private set; }

    /// <summary>Nothing is known of the address.</summary>
    public static CommandFailure NotFound() => new("Error: Fdb entry not found.", ExitCode);

    /// <summary>Reads the words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="deviceExists">Whether there is a network device of that name.</param>
    /// <exception cref="CommandFailure">They make no sense, or ask for the table of a bridge.</exception>
    public static FdbQuestion Parse(Words words, Func<string, bool> deviceExists)
    {
        var question = new FdbQuestion();
        while (words.MoveNext())
            question.Read(words);
        question.Complete(deviceExists);
        return question;
    }

    private void Read(Words words)
    {
        switch (words.Current)
        {
            case "br":
                _bridge = words.Value();
                break;
            case "dev" or "brport":
                Device = words.Value();
                break;
            case "vni": // for devices that collect metadata
                FdbGrammar.ParseVni(words);
                break;
            case "self":
                _self = true;
                break;
            case var _ when words.Is("master"):
                _master = true;
                break;
            case var _ when words.Is("vlan"):
                _vlan = FdbGrammar.ParseVlan(words, _vlan);
                break;
            case var _ when words.Is("dynamic"):
                Dynamic = true;
                break;
            default:
                if (words.Current == "to")
                    words.Value();
                if (words.Is("help"))
                    throw FdbGrammar.Usage();
                Mac = Mac.Length == 0 ? words.Current : throw CommandFailure.Garbage("to", words.Current);
                break;
        }
    }

    // In the order in which bridge and the kernel find fault.
    private void Complete(Func<string, bool> deviceExists)
    {
        if ((Device.Length == 0 && _bridge is null) || Mac.Length == 0)
            throw CommandFailure.Nonsense("Device or master and address are required arguments.");
        Mac = FdbGrammar.ParseMac(Mac);
        if (Device.Length > 0 && !deviceExists(Device))
            throw CommandFailure.Nonsense($"Cannot find device \"{Device}\"");
        if (_bridge is not null && !deviceExists(_bridge))
            throw CommandFailure.Nonsense($"Cannot find bridge device \"{_bridge}\"");
        if (_vlan is { } vlan && vlan >= 0 && !FdbGrammar.IsVlan(vlan))
            throw new CommandFailure("Error: invalid vlan id.", ExitCode);
        if (_bridge is not null)
            throw Device.Length == 0 ? FdbCommand.Foreign(_bridge) : new("Error: Master and device are mutually exclusive.", ExitCode);
        if (!_self || _master)
            throw new CommandFailure("Error: Device is not a bridge port.", ExitCode);
    }
}
