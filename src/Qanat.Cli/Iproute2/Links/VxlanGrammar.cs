using Qanat.Daemon.Api;
using Qanat.Packets;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Type <c>vxlan</c>.</summary>
internal sealed class VxlanGrammar(DsFields tos, Func<string, bool> deviceExists) : TypeGrammar("vxlan", tos, deviceExists)
{
    private const uint MaxId = (1 << 24) - 1;
    private const int DefaultAgeing = 300;

    // What is there to turn off, and off already; turning it on is refused.
    private static readonly string[] Absent = ["proxy", "rsc", "l2miss", "l3miss", "remcsumtx", "remcsumrx", "external"];

    private readonly HashSet<string> _given = [];
    private VxlanSpec _vxlan = new();
    private IpAddress? _local, _remote;
    private VxlanSpec? _kept; // that of the tunnel which is changed
    private bool _isNew;

    /// <summary>The kernel's answer to the type without a word after it.</summary>
    public static CommandFailure NothingGiven() =>
        new("Error: Required attributes not provided to perform the operation.", NetlinkAnswers.ExitCode);

    /// <inheritdoc/>
    protected override void Begin(TunnelSpec spec, bool isNew)
    {
        _isNew = isNew;
        _kept = isNew ? null : spec.Vxlan;
        _vxlan = spec.Vxlan is { } before ? before with { } : new() { Checksum = true };
        if (IpAddress.TryParse(spec.Local, out var local))
            _local = local;
        if (IpAddress.TryParse(spec.Remote, out var remote))
            _remote = remote;
    }

    /// <inheritdoc/>
    protected override bool TryRead(Words words, TunnelSpec spec)
    {
        if (words.Is("id") || words.Is("vni"))
            ReadId(words);
        else if (words.Is("group"))
            _remote = ReadRemote(words, "group");
        else if (words.Is("remote"))
            _remote = ReadRemote(words, "remote");
        else if (words.Is("local"))
            _local = ReadLocal(words);
        else if (words.Is("dev"))
        {
            spec.Dev = Device(words);
            Once("dev", words.Current);
        }
        else if (words.Is("ttl") || words.Is("hoplimit"))
            ReadTtl(words, spec);
        else if (words.Is("tos") || words.Is("dsfield"))
        {
            spec.Tos = LinkValues.Tos(words, Tos);
            Once("tos", words.Current);
        }
        else if (words.Is("df"))
        {
            if (words.Value() != "unset")
                throw LinkValues.Unsupported($"df {words.Current}");
        }
        else if (words.Is("label") || words.Is("flowlabel"))
        {
            if (!Numbers.TryParseUInt(words.Value(), 0, out var label) || label != 0)
                throw LinkValues.Unsupported("flowlabel");
        }
        else
            return TryReadTable(words) || TryReadUdp(words) || TryReadAbsent(words);
        return true;
    }

    /// <inheritdoc/>
    protected override void Complete(TunnelSpec spec)
    {
        if (_isNew && _given.Count == 0 && _vxlan.Id == 0)
            throw NothingGiven();
        if (_isNew && !_given.Contains("id"))
            throw CommandFailure.Refusal("vxlan: missing virtual network identifier");
        if (_remote is { IsMulticast: true } && spec.Dev is null)
            throw CommandFailure.Refusal("vxlan: 'group' requires 'dev' to be specified");
        if (_isNew && !_given.Contains("dstport"))
            Notice = """
                vxlan: destination port not specified
                Will use Linux kernel default (non-standard value)
                Use 'dstport 4789' to get the IANA assigned value
                Use 'dstport 0' to get default and quiet this message

                """;
        if (_vxlan.SourcePortMin > _vxlan.SourcePortMax)
            throw new CommandFailure("Error: Invalid source port range.", NetlinkAnswers.ExitCode);
        spec.Local = _local is { } local ? LinkValues.Text(local) : "any";
        spec.Remote = _remote is { } remote ? LinkValues.Text(remote) : "any";
        spec.Vxlan = _vxlan;
    }

    /// <inheritdoc/>
    protected override CommandFailure Unknown(string word) => Words.Abbreviates(word, "help")
        ? LinkUsage.OfType("vxlan")
        : CommandFailure.Refusal($"vxlan: unknown command \"{word}\"?\n{LinkUsage.Text("vxlan")}");

    private void ReadId(Words words)
    {
        var text = words.Value();
        Once("id", text);
        var id = Numbers.TryParse(text, 0, MaxId, out var number) ? (uint)number : throw CommandFailure.WrongArgument(text, "invalid id");
        if (_kept is not null && id != _kept.Id)
            throw new CommandFailure("Error: Cannot change VNI.", NetlinkAnswers.ExitCode);
        _vxlan.Id = id;
    }

    private IpAddress ReadRemote(Words words, string keyword)
    {
        var group = keyword == "group";
        if (_given.Contains("group") && _remote is { } before && before.IsMulticast != group)
            throw CommandFailure.Refusal("vxlan: both group and remote cannot be specified");
        var address = LinkValues.AddressOrNone(words, _given.Contains("local") ? _local?.IsIPv6 : null);
        if (!_given.Add("group"))
            throw CommandFailure.Garbage(keyword, words.Current);
        return address is { } remote && remote.IsMulticast == group
            ? remote
            : throw CommandFailure.WrongArgument(words.Current, $"invalid {keyword} address");
    }

    private IpAddress ReadLocal(Words words)
    {
        var address = LinkValues.AddressOrNone(words, _given.Contains("group") ? _remote?.IsIPv6 : null);
        Once("local", words.Current);
        return address is { IsMulticast: false } local
            ? local
            : throw CommandFailure.WrongArgument(words.Current, "invalid local address");
    }

    private void ReadTtl(Words words, TunnelSpec spec)
    {
        var text = words.Value();
        Once("ttl", text);
        _vxlan.InheritTtl = text == "inherit";
        if (text is "inherit" or "auto")
            spec.Ttl = 0;
        else if (!Numbers.TryParseUInt(text, 0, out var ttl))
            throw CommandFailure.WrongArgument(text, "invalid TTL");
        else
            spec.Ttl = ttl <= byte.MaxValue ? (byte)ttl : throw CommandFailure.WrongArgument(text, "TTL must be <= 255");
    }

    private bool TryReadTable(Words words)
    {
        if (words.Is("ageing"))
        {
            var text = words.Value();
            Once("ageing", text);
            var seconds = text == "none" ? 0
                : Numbers.TryParse(text, 0, int.MaxValue, out var number) ? (int)number
                : throw CommandFailure.WrongArgument(text, "ageing timer");
            _vxlan.Ageing = seconds == 0 ? DefaultAgeing : seconds; // as the kernel has it (vxlan_config_apply)
        }
        else if (words.Is("maxaddress"))
        {
            var text = words.Value();
            Once("maxaddress", text);
            _vxlan.MaxAddresses = text == "unlimited" ? 0
                : Numbers.TryParse(text, 0, int.MaxValue, out var number) ? (int)number
                : throw CommandFailure.WrongArgument(text, "max addresses");
        }
        else if (words.Is("nolearning") || words.Is("learning"))
        {
            Once("learning", words.Current);
            _vxlan.Learning = words.Is("learning");
        }
        else
            return false;
        return true;
    }

    private bool TryReadUdp(Words words)
    {
        if (words.Is("port") || words.Is("srcport"))
        {
            var (low, high) = (LinkValues.Port(words, "min port"), LinkValues.Port(words, "max port"));
            Once("srcport", words.Current);
            if (low != 0 || high != 0)
                (_vxlan.SourcePortMin, _vxlan.SourcePortMax) = (low, high);
        }
        else if (words.Is("dstport"))
        {
            var port = LinkValues.Port(words, "dst port");
            Once("dstport", words.Current);
            if (_kept is not null && port != 0 && port != _kept.Port)
                throw new CommandFailure("Error: Cannot change port.", NetlinkAnswers.ExitCode);
            _vxlan.Port = port == 0 ? _vxlan.Port : port;
        }
        else if (Flag(words, "udpcsum") is { } checksum)
            _vxlan.Checksum = checksum;
        else if (Flag(words, "udp6zerocsumtx") is { } send)
            _vxlan.NoChecksum6Tx = send;
        else if (Flag(words, "udp6zerocsumrx") is { } receive)
            _vxlan.NoChecksum6Rx = receive;
        else
            return false;
        return true;
    }

    private bool TryReadAbsent(Words words)
    {
        if (words.Is("gbp") || words.Is("gpe") || words.Current == "vnifilter")
            throw LinkValues.Unsupported(words.Current);
        foreach (var option in Absent)
            if (Flag(words, option) is { } on)
                return on ? throw LinkValues.Unsupported(option) : true;
        return words.Current == "novnifilter";
    }

    // True for the keyword, false for it with "no" before it, null for neither.
    private bool? Flag(Words words, string keyword)
    {
        bool? on = words.Is("no" + keyword) ? false : words.Is(keyword) ? true : null;
        if (on is not null)
            Once(keyword, words.Current);
        return on;
    }

    private void Once(string keyword, string value)
    {
        if (!_given.Add(keyword))
            throw CommandFailure.Garbage(keyword, value);
    }
}
