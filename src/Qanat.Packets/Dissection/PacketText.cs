using System.Text;

namespace Qanat.Packets;

/// <summary>
/// A packet as one line of text, in the words of <c>tcpdump -n -S</c>:
/// <c>IP 10.0.0.1 &gt; 10.0.0.2: ICMP echo request, id 7, seq 1, length 64</c>. Packets inside tunnels follow their outer
/// ones. Any bytes give a line: what is cut short says so with <c>[|ip]</c>.
/// </summary>
public static class PacketText
{
    /// <summary>Describes a packet.</summary>
    /// <param name="packet">Its bytes, as many as there are.</param>
    /// <param name="link">What they begin with.</param>
    /// <param name="linkHeader">True to say the link-layer header too, as <c>tcpdump -e</c> does.</param>
    /// <param name="originalLength">How many bytes it had before a capture kept fewer; 0 when it kept all.</param>
    public static string Describe(ReadOnlySpan<byte> packet, CaptureLinkType link, bool linkHeader = false, int originalLength = 0)
    {
        var text = new StringBuilder();
        var depth = PacketNesting.Outermost(Math.Max(0, originalLength - packet.Length));
        switch (link)
        {
            case CaptureLinkType.Ethernet:
                EthernetText.Append(text, packet, linkHeader, depth);
                break;
            case CaptureLinkType.Raw or CaptureLinkType.IPv4 or CaptureLinkType.IPv6:
                AppendNetwork(text, packet, depth);
                break;
            default:
                text.Append($"link type {(int)link}, length {packet.Length + depth.Missing}");
                break;
        }

        return text.ToString();
    }

    /// <summary>An IP packet of either version, with its name in front.</summary>
    internal static void AppendNetwork(StringBuilder text, ReadOnlySpan<byte> packet, PacketNesting depth)
    {
        switch (packet.IsEmpty ? 0 : packet[0] >> 4)
        {
            case 4:
                text.Append("IP ");
                IPText.AppendIPv4(text, packet, depth);
                break;
            case 6:
                text.Append("IP6 ");
                IPText.AppendIPv6(text, packet, depth);
                break;
            default:
                text.Append(packet.IsEmpty ? "[|ip]" : $"unknown ip {packet[0] >> 4}, length {packet.Length + depth.Missing}");
                break;
        }
    }
}

/// <summary>How deep in others a packet lies, for tunnels in tunnels end somewhere, and what is missing of it.</summary>
/// <param name="Depth">0 for the packet on the wire.</param>
/// <param name="Missing">Bytes at its end that were on the wire, and that the capture did not keep.</param>
internal readonly record struct PacketNesting(int Depth, int Missing)
{
    private const int Limit = 8;

    public bool MayGoOn => Depth < Limit;

    public static PacketNesting Outermost(int missing) => new(0, missing);

    public PacketNesting Inside(int missing) => new(Depth + 1, missing);
}
