using System.Globalization;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>
/// What the kernel has counted in the network namespace: /proc/net/snmp and /proc/net/netstat, where each protocol has a line
/// of names and a line of numbers.
/// </summary>
internal sealed class ProtocolCounters
{
    private readonly Dictionary<string, long> _counters = [];

    /// <summary>Packets that rp_filter dropped.</summary>
    public long ReversePathDrops => this["TcpExt.IPReversePathFilter"];

    /// <summary>IPv4 packets for others that came in while nothing was sent on, and other wrong destinations.</summary>
    public long AddressErrors => this["Ip.InAddrErrors"];

    /// <summary>One of them, by protocol and name; 0 when the kernel does not count it.</summary>
    public long this[string name] => _counters.GetValueOrDefault(name);

    /// <summary>Reads both files' lines; those that make no pair are passed over.</summary>
    public static ProtocolCounters Parse(IEnumerable<string> lines)
    {
        var counters = new ProtocolCounters();
        string[] names = [];
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length > 1 && names.Length == words.Length && names[0] == words[0] && char.IsAsciiDigit(words[1][^1]))
                counters.Add(words[0].TrimEnd(':'), names, words);
            names = words;
        }
        return counters;
    }

    private void Add(string protocol, string[] names, string[] numbers)
    {
        for (var i = 1; i < names.Length; i++)
            if (long.TryParse(numbers[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                _counters[$"{protocol}.{names[i]}"] = number;
    }
}
