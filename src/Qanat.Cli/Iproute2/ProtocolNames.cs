using System.Globalization;

namespace Qanat.Cli.Iproute2;

/// <summary>
/// Names of IP protocols: those of /etc/protocols where the machine has that file, otherwise the common ones.
/// </summary>
/// <param name="lines">Lines as that file has them (protocols(5)): a name, a number, other names. Comments begin with #.</param>
internal sealed class ProtocolNames(IEnumerable<string> lines)
{
    private const string FileName = "/etc/protocols";

    // https://www.iana.org/assignments/protocol-numbers, with the names of Debian's netbase.
    private static readonly string[] BuiltIn =
    [
        "icmp 1 ICMP", "igmp 2 IGMP", "ipencap 4 IP-ENCAP", "tcp 6 TCP", "egp 8 EGP", "igp 9 IGP", "udp 17 UDP", "dccp 33 DCCP",
        "ipv6 41 IPv6", "ipv6-route 43 IPv6-Route", "ipv6-frag 44 IPv6-Frag", "rsvp 46 RSVP", "gre 47 GRE", "esp 50 IPSEC-ESP",
        "ah 51 IPSEC-AH", "ipv6-icmp 58 IPv6-ICMP", "ipv6-nonxt 59 IPv6-NoNxt", "ipv6-opts 60 IPv6-Opts", "eigrp 88 EIGRP",
        "ospf 89 OSPFIGP", "ipip 94 IPIP", "pim 103 PIM", "ipcomp 108 IPCOMP", "vrrp 112 VRRP", "l2tp 115 L2TP", "isis 124 ISIS",
        "sctp 132 SCTP", "mobility-header 135 Mobility-Header", "udplite 136 UDPLite", "mpls-in-ip 137 MPLS-in-IP",
    ];

    private readonly Lazy<(Dictionary<string, byte> Numbers, Dictionary<byte, string> Names)> _read = new(() => Read(lines), false);

    /// <summary>This machine's names, read when the first is asked for.</summary>
    public static ProtocolNames OfThisMachine() => File.Exists(FileName) ? new(File.ReadLines(FileName)) : Default;

    /// <summary>The common names.</summary>
    public static ProtocolNames Default { get; } = new(BuiltIn);

    /// <summary>Finds the number that a name stands for.</summary>
    public bool TryParse(string name, out byte number) => _read.Value.Numbers.TryGetValue(name, out number);

    /// <summary>The name, or the number where it has none.</summary>
    public string Text(byte number) => _read.Value.Names.GetValueOrDefault(number) ?? number.ToString(CultureInfo.InvariantCulture);

    private static (Dictionary<string, byte>, Dictionary<byte, string>) Read(IEnumerable<string> lines)
    {
        var (numbers, names) = (new Dictionary<string, byte>(), new Dictionary<byte, string>());
        foreach (var line in lines)
        {
            var words = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !byte.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                continue;
            names.TryAdd(number, words[0]);
            foreach (var name in words.Where((_, at) => at != 1))
                numbers.TryAdd(name, number);
        }
        return (numbers, names);
    }
}
