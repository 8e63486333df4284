using System.Globalization;
using Qanat.Cli.Iproute2.Links;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Fdb;

/// <summary>The words after <c>fdb add</c>, <c>append</c>, <c>replace</c> and <c>del</c>.</summary>
/// <param name="deviceExists">Whether there is a network device of that name.</param>
internal sealed class FdbGrammar(Func<string, bool> deviceExists)
{
    private const uint MaxVni = (1 << 24) - 1;

    /// <summary>The largest number of a VLAN's field, which is none's.</summary>
    internal const int MaxVlan = 4095;

    /// <summary>The tunnel's device.</summary>
    public string Device { get; private set; } = "";

    /// <summary>What <c>fdb help</c> prints.</summary>
    public static CommandFailure Usage() => CommandFailure.Nonsense(UsageText);

    /// <summary>Reads the words. Without <c>dst</c> the entry's destination is empty.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public FdbEntry Parse(Words words)
    {
        var entry = new FdbEntry { Mac = "", Dst = "", State = "" };
        while (words.MoveNext())
            Read(words, entry);
        if (Device.Length == 0 || entry.Mac.Length == 0)
            throw CommandFailure.Nonsense("Device and address are required arguments.");
        entry.Mac = ParseMac(entry.Mac);
        if (entry.State.Length == 0)
            entry.State = "permanent";
        if (!deviceExists(Device))
            throw CommandFailure.Nonsense($"Cannot find device \"{Device}\"");
        return entry;
    }

    private void Read(Words words, FdbEntry entry)
    {
        switch (words.Current)
        {
            case "dev":
                Device = words.Value();
                break;
            case "dst":
                entry.Dst = ParseDst(words, entry.Dst);
                break;
            case "port":
                entry.Port = ParsePort(words);
                break;
            case "vni":
                entry.Vni = ParseVni(words);
                break;
            case "src_vni": // for devices that collect metadata
                ParseVni(words, "invalid src VNI\n");
                break;
            case "via":
                entry.Via = LinkValues.Device(words, deviceExists);
                break;
            case "nhid":
                throw CommandFailure.Refusal("qanat fdb has no next hop objects: give dst.");
            case "self":
                break;
            case "to":
                SetAddress(entry, words.Value());
                break;
            default:
                ReadWord(words, entry);
                break;
        }
    }

    private static void ReadWord(Words words, FdbEntry entry)
    {
        if (words.Is("master"))
            throw NetlinkAnswers.From(Linux.Errno.EOPNOTSUPP, FdbCommand.ExitCode);
        if (words.Is("router") || words.Is("use"))
            return;
        if (words.Is("local") || words.Is("permanent"))
            entry.State = "permanent";
        else if (words.Is("temp") || words.Is("static"))
            entry.State = entry.State.Length == 0 ? "static" : entry.State;
        else if (words.Is("dynamic"))
            entry.State = entry.State == "permanent" ? entry.State : "dynamic";
        else if (words.Is("vlan"))
            words.Value(); // of bridges
        else if (words.Is("extern_learn"))
            entry.ExternLearn = true;
        else if (words.Is("sticky"))
            entry.Sticky = true;
        else if (words.Is("help"))
            throw Usage();
        else
            SetAddress(entry, words.Current);
    }

    private static void SetAddress(FdbEntry entry, string text) =>
        entry.Mac = entry.Mac.Length == 0 ? text : throw CommandFailure.Garbage("to", text);

    /// <summary>Reads <c>dst</c>'s value.</summary>
    /// <param name="words">The words.</param>
    /// <param name="before">What was given before; empty for nothing.</param>
    internal static string ParseDst(Words words, string before)
    {
        var text = words.Value();
        return before.Length == 0
            ? LinkValues.Address(new Words([text]), null).ToString()
            : throw CommandFailure.Garbage("dst", text);
    }

    /// <summary>Reads <c>port</c>'s value; null for 0, which is none.</summary>
    internal static int? ParsePort(Words words) => LinkValues.Port(words, "invalid port\n") is > 0 and var port ? port : null;

    /// <summary>Reads a network identifier.</summary>
    internal static uint ParseVni(Words words, string why = "invalid VNI\n") => Numbers.TryParse(words.Value(), 0, MaxVni, out var vni)
        ? (uint)vni
        : throw CommandFailure.WrongArgument(words.Current, why);

    /// <summary>
    /// Reads <c>vlan</c>'s value, of which this is checked alone, as the kernel does: the tables of VXLAN have no VLANs.
    /// </summary>
    /// <param name="words">The words.</param>
    /// <param name="before">What was given before; null for nothing.</param>
    internal static int ParseVlan(Words words, int? before)
    {
        if (before is not null)
            throw CommandFailure.Garbage("vlan", "vlan");
        return int.TryParse(words.Value(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var vlan) ? vlan : 0;
    }

    /// <summary>True for a number that the kernel takes for a VLAN's.</summary>
    internal static bool IsVlan(int vlan) => vlan is > 0 and < MaxVlan;

    /// <summary>Reads an Ethernet address.</summary>
    internal static string ParseMac(string text)
    {
        var parts = text.Split(':');
        var bytes = new byte[6];
        var valid = parts.Length == bytes.Length;
        for (var i = 0; valid && i < bytes.Length; i++)
            valid = parts[i].Length <= 2 &&
                byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]);
        return valid
            ? string.Join(':', bytes.Select(value => $"{value:x2}"))
            : throw CommandFailure.Nonsense($"Invalid mac address {text}");
    }

    private const string UsageText = """
        Usage: qanat fdb { add | append | del | replace } ADDR dev DEV
                      [ self ] [ use ] [ router ] [ extern_learn ]
                      [ sticky ] [ local | static | dynamic ]
                      [ dst IPADDR ] [ port PORT] [ vni VNI ] [ via DEV ]
               qanat fdb [ show [ dev DEV ] [ state STATE ] [ dynamic ] ]
               qanat fdb get [ to ] ADDR { brport | dev } DEV [ vni VNI ] self [ dynamic ]
               qanat fdb flush dev DEV [ self ] [ dst IPADDR ] [ port PORT ] [ vni VNI ]
                      [ [no]permanent | [no]static | [no]dynamic ]
                      [ [no]extern_learn ] [ [no]sticky ]
        """;
}
