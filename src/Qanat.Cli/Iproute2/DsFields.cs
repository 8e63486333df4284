using System.Globalization;

namespace Qanat.Cli.Iproute2;

/// <summary>
/// Names of TOS values: those of the file rt_dsfield where the machine has one, otherwise those that iproute2 comes with.
/// </summary>
/// <param name="names">Lines of an rt_dsfield file: a number, 0x before a hexadecimal one, and a name. Comments begin with #.</param>
internal sealed class DsFields(IEnumerable<string> names)
{
    private static readonly string[] Files = ["/etc/iproute2/rt_dsfield", "/usr/share/iproute2/rt_dsfield", "/usr/lib/iproute2/rt_dsfield"];

    // RFC 2474 (class selectors), RFC 2597 (assured forwarding), RFC 3246 (expedited forwarding), each shifted to its place in the
    // TOS byte.
    private static readonly string[] BuiltIn =
    [
        "0x00 default",
        "0x28 AF11", "0x30 AF12", "0x38 AF13", "0x48 AF21", "0x50 AF22", "0x58 AF23",
        "0x68 AF31", "0x70 AF32", "0x78 AF33", "0x88 AF41", "0x90 AF42", "0x98 AF43",
        "0x20 CS1", "0x40 CS2", "0x60 CS3", "0x80 CS4", "0xA0 CS5", "0xC0 CS6", "0xE0 CS7",
        "0xB8 EF",
    ];

    private readonly Lazy<string?[]> _names = new(() => Read(names), isThreadSafe: false);

    /// <summary>This machine's names, read when the first is asked for.</summary>
    public static DsFields OfThisMachine() =>
        new(Lazily(() => Array.Find(Files, File.Exists) is { } file ? File.ReadLines(file) : BuiltIn));

    /// <summary>The names that iproute2 comes with.</summary>
    public static DsFields Default { get; } = new(BuiltIn);

    /// <summary>Reads a TOS value: a name, or a hexadecimal number.</summary>
    public bool TryParse(string text, out byte value)
    {
        var named = Array.IndexOf(_names.Value, text);
        value = (byte)Math.Max(named, 0);
        return named >= 0 || Numbers.TryParseByte(text, 16, out value);
    }

    /// <summary>The value's name, or the number where it has none or <paramref name="numeric"/> is asked for.</summary>
    public string Text(byte value, bool numeric) => (numeric ? null : _names.Value[value]) ?? $"0x{value:x2}";

    private static string?[] Read(IEnumerable<string> lines)
    {
        var names = new string?[256];
        names[0] = "0";
        foreach (var line in lines)
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0].StartsWith('#'))
                continue;
            var hexadecimal = words[0].StartsWith("0x", StringComparison.Ordinal);
            if (byte.TryParse(
                words[0].AsSpan(hexadecimal ? 2 : 0), hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
                CultureInfo.InvariantCulture, out var value))
                names[value] = words[1];
        }
        return names;
    }

    private static IEnumerable<string> Lazily(Func<IEnumerable<string>> open)
    {
        foreach (var line in open())
            yield return line;
    }
}
