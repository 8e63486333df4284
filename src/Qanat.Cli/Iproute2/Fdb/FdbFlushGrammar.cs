using Qanat.Cli.Iproute2.Links;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2.Fdb;

/// <summary>
/// The words after <c>fdb flush</c>: <c>bridge</c>'s, with the <c>dst</c>, <c>port</c> and <c>vni</c> that later ones have. Other words
/// are refused, where <c>bridge</c> passes over them and flushes what they should have spared.
/// </summary>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class FdbFlushGrammar(Func<string, bool> deviceExists)
{
    private const int Permanent = 0x80, NoArp = 0x40; // NUD_PERMANENT, NUD_NOARP

    // An entry's state as it travels in netlink, as far as flush looks at it.
    private static readonly (string Word, int Bits)[] s_states = [("permanent", Permanent | NoArp), ("static", NoArp), ("dynamic", 0)];

    private int _state, _mask;
    private int? _vlan;
    private string? _port, _unknown;
    private bool _ofBridge;

    /// <summary>The tunnel's device.</summary>
    public string Device { get; private set; } = "";

    /// <summary>Reads the words.</summary>
    /// <exception cref="CommandFailure">They make no sense, or are a bridge's.</exception>
    public FdbFilter Parse(Words words)
    {
        var filter = new FdbFilter();
        while (words.MoveNext())
            Read(words, filter);
        if (Device.Length == 0)
            throw CommandFailure.Nonsense("Device is a required argument.");
        if (!deviceExists(Device))
            throw CommandFailure.Nonsense($"Cannot find bridge device \"{Device}\"");
        if (_port is not null && !deviceExists(_port))
            throw CommandFailure.Nonsense($"Cannot find bridge port device \"{_port}\"");
        if (_vlan is > FdbGrammar.MaxVlan)
            throw CommandFailure.Nonsense($"Invalid VLAN ID \"{_vlan}\"");
        if (_vlan is { } vlan && vlan >= 0 && !FdbGrammar.IsVlan(vlan))
            throw CommandFailure.Nonsense("Error: invalid vlan id.");
        if (_unknown is not null)
            throw CommandFailure.WrongArgument(_unknown, "fdb flush has no such filter");
        if (_ofBridge || _vlan is not null || _port is not null)
            throw NetlinkAnswers.From(Errno.EOPNOTSUPP, FdbCommand.ExitCode);
        if (_mask != 0)
            filter.States = [.. from state in s_states where (state.Bits & _mask) == _state select state.Word];
        return filter;
    }

    private void Read(Words words, FdbFilter filter)
    {
        switch (words.Current)
        {
            case "dev":
                Device = words.Value();
                break;
            case "self":
                break;
            case "dst":
                filter.Dst = FdbGrammar.ParseDst(words, filter.Dst ?? "");
                break;
            case "port":
                filter.Port = FdbGrammar.ParsePort(words);
                break;
            case "vni":
                filter.Vni = FdbGrammar.ParseVni(words);
                break;
            case "permanent":
                Match(Permanent, Permanent);
                break;
            case "nopermanent":
                Match(Permanent, 0);
                break;
            case "static":
                Match(NoArp | Permanent, NoArp);
                break;
            case "nostatic":
                Match(NoArp, 0);
                break;
            case "dynamic":
                Match(NoArp | Permanent, 0);
                break;
            case "nodynamic":
                Match(NoArp, NoArp);
                break;
            case "extern_learn" or "noextern_learn":
                filter.ExternLearn = words.Current == "extern_learn";
                break;
            case "sticky" or "nosticky":
                filter.Sticky = words.Current == "sticky";
                break;
            case "vlan":
                _vlan = FdbGrammar.ParseVlan(words, _vlan);
                break;
            case "brport":
                _port = words.Value();
                break;
            case "master" or "added_by_user" or "noadded_by_user" or "offloaded" or "nooffloaded":
                _ofBridge = true;
                break;
            case var _ when words.Is("help"):
                throw FdbGrammar.Usage();
            default:
                _unknown ??= words.Current;
                break;
        }
    }

    // As bridge does: of several words each clears or sets its own bits.
    private void Match(int mask, int state) => (_mask, _state) = (_mask | mask, (_state & ~mask) | state);
}
