using System.Globalization;
using System.Net.NetworkInformation;
using System.Text;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>What the words before <c>type</c> say about a device.</summary>
internal sealed class LinkRequest
{
    private const int IFNAMSIZ = 16, ALTIFNAMSIZ = 128;

    /// <summary>The device's name; empty when none was given.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The MTU in bytes, if one was given.</summary>
    public int? Mtu { get; private set; }

    /// <summary>The Ethernet address, if one was given.</summary>
    public PhysicalAddress? Address { get; private set; }

    /// <summary>Whether the device is to be on or off, if that was said.</summary>
    public bool? Up { get; private set; }

    /// <summary>The type, if one was given.</summary>
    public string? Type { get; private set; }

    /// <summary>Whether anything is to be done to the device itself.</summary>
    public bool SetsDevice => Mtu is not null || Address is not null || Up is not null;

    /// <summary>Reads the words up to the type.</summary>
    /// <exception cref="CommandFailure">They make no sense, or are for <c>ip link</c>, or <c>help</c> is one of them.</exception>
    public static LinkRequest Parse(Words words)
    {
        var request = new LinkRequest();
        while (request.Type is null && words.MoveNext())
        {
            switch (words.Current)
            {
                case "up" or "down":
                    request.Up = words.Current == "up";
                    break;
                case "mtu":
                    request.Mtu = ParseMtu(words.Value(), request.Mtu);
                    break;
                case "name":
                    request.SetName("name", words.Value());
                    break;
                case "dev":
                    request.SetName("dev", words.Value());
                    break;
                case "index" or "netns" or "master" or "group" or "vrf" or "alias" or "txqueuelen" or "qlen" or "arp" or "multicast" or
                    "promisc" or "link" or "nomaster" or "addrgenmode" or "broadcast" or "brd" or "numtxqueues" or "numrxqueues":
                    throw CommandFailure.Refusal($"\"{words.Current}\" is not for qanat link: make the tunnel, and set it with ip link.");
                case var _ when words.Is("address"):
                    request.Address = ParseAddress(words.Value());
                    break;
                case var _ when words.Is("type"):
                    request.Type = words.Value();
                    break;
                case var _ when words.Is("help"):
                    throw LinkUsage.Link();
                default:
                    request.SetName("dev", words.Current);
                    break;
            }
        }
        return request;
    }

    private static int ParseMtu(string text, int? before)
    {
        if (before is not null)
            throw CommandFailure.Nonsense($"Error: duplicate \"mtu\": \"{text}\" is the second value.");
        return Numbers.TryParse(text, 0, int.MaxValue, out var mtu)
            ? (int)mtu
            : throw CommandFailure.WrongArgument(text, "Invalid \"mtu\" value\n");
    }

    private static PhysicalAddress ParseAddress(string text)
    {
        var bytes = new List<byte>();
        foreach (var part in text.Split(':'))
            bytes.Add(part.Length <= 2 && byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw CommandFailure.Refusal($"\"{part}\" is invalid lladdr."));
        return new([.. bytes]);
    }

    private void SetName(string key, string name)
    {
        if (Name.Length > 0)
            throw CommandFailure.Garbage(key, name);
        var length = Encoding.UTF8.GetByteCount(name);
        if (length is 0 or >= ALTIFNAMSIZ || name.Any(c => c is '/' or ' ' or (>= '\t' and <= '\r')))
            throw CommandFailure.WrongArgument(name, $"\"{key}\" not a valid ifname");
        if (length >= IFNAMSIZ)
            throw new CommandFailure("Error: Attribute failed policy validation.", NetlinkAnswers.ExitCode);
        Name = name;
    }
}
