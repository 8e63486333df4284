using System.Globalization;

namespace Qanat.Cli.Iproute2.Fou;

/// <summary>Protocol numbers by their names: those of /etc/protocols, or of tunnels alone where there is no such file.</summary>
internal static class Protocols
{
    private const string File = "/etc/protocols";

    // As Debian's file has them, where ipip is not protocol 4.
    private static readonly string[] s_builtIn =
    [
        "ipencap 4 IP-ENCAP", "udp 17 UDP", "ipv6 41 IPv6", "gre 47 GRE", "esp 50 IPSEC-ESP", "ipip 94 IPIP", "l2tp 115 L2TP",
        "mpls-in-ip 137",
    ];

    /// <summary>The number of a name or one of its aliases; null when there is none.</summary>
    public static byte? Find(string name) => Find(name, System.IO.File.Exists(File) ? System.IO.File.ReadLines(File) : s_builtIn);

    /// <summary>The same, of the lines of such a file.</summary>
    internal static byte? Find(string name, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var words = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && (words[0] == name || words.Skip(2).Contains(name)) &&
                byte.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
        }
        return null;
    }
}
