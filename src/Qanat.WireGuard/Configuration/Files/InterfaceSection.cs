using System.Text;
using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard.Configuration;

/// <summary>What <c>[Interface]</c> says, in one section or several.</summary>
/// <param name="remarks">What there is to say.</param>
/// <param name="keys">Every key that is read, so that it can be wiped.</param>
/// <param name="isTable">Whether there is a routing table of a name.</param>
internal sealed class InterfaceSection(ConfigRemarks remarks, List<SecretKey> keys, Func<string, bool> isTable)
{
    /// <summary>The keys that there are.</summary>
    public static readonly string[] Keys =
    [
        "PrivateKey", "ListenPort", "FwMark", "Address", "DNS", "MTU", "Table", "PreUp", "PostUp", "PreDown", "PostDown", "SaveConfig",
    ];

    // RFC 8200, section 5.
    private const int LeastIPv6Mtu = 1280;

    private readonly List<InterfaceAddress> _addresses = [];
    private readonly List<IpAddress> _dnsServers = [];
    private readonly List<string> _dnsSearch = [], _preUp = [], _postUp = [], _preDown = [], _postDown = [];
    private WgQuickConfig _config = new();
    private (int Line, int Column) _mtu;
    private ConfigRemark? _table; // if there is none of that name
    private bool _namesKey;

    /// <summary>Takes a line.</summary>
    /// <param name="key">One of <see cref="Keys"/>.</param>
    /// <param name="value">The value.</param>
    /// <param name="line">The value up to the end of the line: what looks like a comment may be the shell's.</param>
    public void Take(string key, ConfigField value, ConfigField line)
    {
        switch (key)
        {
            case "PrivateKey":
                _namesKey = true;
                TakePrivateKey(value);
                break;
            case "ListenPort" when ConfigValues.TryNumber(value, key, ushort.MaxValue, remarks, out var port):
                Change(_config.Change with { ListenPort = (ushort)port });
                break;
            case "FwMark" when ConfigValues.TryMark(value, remarks, out var mark):
                Change(_config.Change with { FirewallMark = mark });
                break;
            case "MTU":
                TakeMtu(value);
                break;
            case "Table" when ConfigValues.TryTable(value, isTable, remarks, out var table):
                _config = _config with { Table = table };
                _table = new(value.Line, value.Column,
                    $"Table: there is no routing table {value.Shown}; name it in /etc/iproute2/rt_tables, or give its number");
                break;
            case "SaveConfig" when ConfigValues.TryBoolean(value, key, remarks, out var save):
                _config = _config with { SaveConfig = save };
                break;
            case "Address" or "DNS":
                TakeList(key, value);
                break;
            case "PreUp":
                TakeHook(line, _preUp);
                break;
            case "PostUp":
                TakeHook(line, _postUp);
                break;
            case "PreDown":
                TakeHook(line, _preDown);
                break;
            case "PostDown":
                TakeHook(line, _postDown);
                break;
        }
    }

    /// <summary>All that was said, without the peers.</summary>
    public WgQuickConfig Build()
    {
        WarnOfWhatCannotWork();
        // PreUp may be what names it; then ip, or who does its work, says so if it does not.
        if (_table is { } unknown && !IsThere(_config.Table) && _preUp.Count == 0)
            remarks.Mistake(unknown);
        return _config with
        {
            Addresses = _addresses,
            DnsServers = _dnsServers,
            DnsSearch = _dnsSearch,
            PreUp = _preUp,
            PostUp = _postUp,
            PreDown = _preDown,
            PostDown = _postDown,
        };
    }

    private bool IsThere(RoutingTable table) => table.IsOff || table.IsAuto ||
        RoutingTable.TryParseNumber(table.Written!, out _) || isTable(table.Written!);

    private void WarnOfWhatCannotWork()
    {
        if (!_namesKey && _preUp.Count + _postUp.Count == 0)
            remarks.Warn(new(1, 1,
                "[Interface] has no PrivateKey, so that no peer can be talked to; add the line (wg genkey), or set it by PostUp"));
        if (_config.Mtu < LeastIPv6Mtu && _addresses.Exists(address => address.Address.IsIPv6))
            remarks.Warn(new(_mtu.Line, _mtu.Column,
                $"MTU: IPv6 needs {LeastIPv6Mtu} bytes; with less the kernel takes the IPv6 addresses away"));
    }

    private void Change(WireGuardChange change) => _config = _config with { Change = change };

    private void TakePrivateKey(ConfigField value)
    {
        if (!ConfigValues.TrySecretKey(value, "PrivateKey", remarks, out var secret))
            return;
        keys.Add(secret!);
        _config.Change.PrivateKey?.Dispose();
        Change(_config.Change with { PrivateKey = secret });
    }

    private void TakeMtu(ConfigField value)
    {
        _mtu = (value.Line, value.Column);
        // The least that IPv4 knows, and the most that a length field holds.
        if (value.IsEmpty)
            _config = _config with { Mtu = null };
        else if (AddressText.TryParseNumber(value.Text, ushort.MaxValue, out var mtu) && mtu >= 68)
            _config = _config with { Mtu = (int)mtu };
        else
            remarks.Expect(value, "MTU", "a number of bytes from 68 to 65535");
    }

    private void TakeList(string key, ConfigField value)
    {
        for (var rest = value; !rest.IsEmpty;)
        {
            rest.Cut(", \t"u8, out var item, out rest);
            if (item.IsEmpty)
                continue;
            if (key == "DNS")
                TakeDns(item);
            else if (ConfigValues.TryAddress(item, remarks, out var address))
                _addresses.Add(address);
        }
    }

    // What looks like an address is a server; the rest are domains to search.
    private void TakeDns(ConfigField item)
    {
        if (AddressText.TryParse(item.Text, out var server))
            _dnsServers.Add(server);
        else if (item.Text.Contains((byte)':') || AddressText.LooksLikeIPv4(item.Text))
            remarks.Expect(item, "DNS", "the address of a name server, or a domain to search,");
        else if (item.IsUtf8 && !item.Text.ContainsAnyInRange((byte)0, (byte)0x1F))
            _dnsSearch.Add(Encoding.UTF8.GetString(item.Text));
        else
            remarks.Expect(item, "DNS", "a domain to search");
    }

    private void TakeHook(ConfigField line, List<string> hooks)
    {
        if (!line.IsUtf8)
            remarks.Mistake(line, "this command is not text in UTF-8");
        else if (!line.IsEmpty)
            hooks.Add(Encoding.UTF8.GetString(line.Text));
    }
}
