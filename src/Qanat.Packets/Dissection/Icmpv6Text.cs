using System.Buffers.Binary;
using System.Text;

namespace Qanat.Packets;

/// <summary>ICMPv6 messages, neighbour discovery and multicast listeners' reports among them.</summary>
internal static class Icmpv6Text
{
    /// <summary>Appends a message.</summary>
    /// <param name="text">Where it goes.</param>
    /// <param name="message">The message.</param>
    /// <param name="length">Its bytes on the wire.</param>
    public static void Append(StringBuilder text, ReadOnlySpan<byte> message, int length)
    {
        if (!Icmpv6Header.TryParse(message, out var icmp))
        {
            text.Append("ICMP6 [|icmp6]");
            return;
        }

        text.Append("ICMP6, ");
        switch (icmp.Type)
        {
            case Icmpv6Type.EchoRequest:
                text.Append($"echo request, id {icmp.Identifier}, seq {icmp.SequenceNumber}");
                break;
            case Icmpv6Type.EchoReply:
                text.Append($"echo reply, id {icmp.Identifier}, seq {icmp.SequenceNumber}");
                break;
            case Icmpv6Type.DestinationUnreachable:
                AppendUnreachable(text, icmp);
                break;
            case Icmpv6Type.PacketTooBig:
                text.Append($"packet too big, mtu {icmp.Mtu}");
                break;
            case Icmpv6Type.TimeExceeded:
                text.Append(icmp.Code == 0 ? "time exceeded in-transit" : "time exceeded in-reassembly");
                if (TryGetOriginal(icmp, out var expired))
                    text.Append(icmp.Code == 0 ? $" for {expired.Destination}" : "");
                else if (message.Length < length)
                    text.Append(" [|icmp6]");
                break;
            case Icmpv6Type.ParameterProblem:
                text.Append($"parameter problem, {Problem(icmp.Code)} - octet {icmp.ProblemPointer}");
                break;
            case Icmpv6Type.RouterSolicitation:
                text.Append("router solicitation");
                break;
            case Icmpv6Type.RouterAdvertisement:
                text.Append("router advertisement");
                break;
            case Icmpv6Type.NeighborSolicitation:
                text.Append($"neighbor solicitation, who has {Target(icmp)}");
                break;
            case Icmpv6Type.NeighborAdvertisement:
                text.Append($"neighbor advertisement, tgt is {Target(icmp)}");
                break;
            case Icmpv6Type.Redirect:
                text.Append($"redirect, {(icmp.Body.Length >= 32 ? IPv6Address.Read(icmp.Body[16..]) : default)} to {Target(icmp)}");
                break;
            case (Icmpv6Type)143:
                var records = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
                text.Append($"multicast listener report v2, {records} group record(s)");
                break;
            case (Icmpv6Type)130:
                text.Append("multicast listener query");
                break;
            case (Icmpv6Type)131:
                text.Append("multicast listener report");
                break;
            case (Icmpv6Type)132:
                text.Append("multicast listener done");
                break;
            default:
                text.Append($"unknown icmp6 type ({(int)icmp.Type})");
                break;
        }

        text.Append($", length {length}");
    }

    private static void AppendUnreachable(StringBuilder text, Icmpv6Header icmp)
    {
        var target = TryGetOriginal(icmp, out var original) ? original.Destination.ToString() : "[|icmp6]";
        text.Append("destination unreachable, ");
        switch ((Icmpv6UnreachableCode)icmp.Code)
        {
            case Icmpv6UnreachableCode.NoRoute:
                text.Append($"unreachable route {target}");
                break;
            case Icmpv6UnreachableCode.Prohibited:
                text.Append($"unreachable prohibited {target}");
                break;
            case Icmpv6UnreachableCode.BeyondScope:
                text.Append($"beyond scope {target}");
                break;
            case Icmpv6UnreachableCode.Address:
                text.Append($"unreachable address {target}");
                break;
            case Icmpv6UnreachableCode.Port:
                text.Append("unreachable port");
                if (target[0] != '[' && original.TryWalk(out var chain) && original.Packet.Length >= chain.Offset + 4 &&
                    chain.Protocol is IpProtocol.Tcp or IpProtocol.Udp)
                    text.Append($", {target} {(chain.Protocol == IpProtocol.Tcp ? "tcp" : "udp")} port " +
                        $"{BinaryPrimitives.ReadUInt16BigEndian(original.Packet[(chain.Offset + 2)..])}");
                break;
            default:
                text.Append($"unknown unreach code ({icmp.Code})");
                break;
        }
    }

    private static bool TryGetOriginal(Icmpv6Header icmp, out IPv6Header original) =>
        IPv6Header.TryParseQuoted(icmp.OriginalDatagram, out original);

    private static string Target(Icmpv6Header icmp) => icmp.Body.Length >= 16 ? IPv6Address.Read(icmp.Body).ToString() : "[|icmp6]";

    private static string Problem(byte code) => code switch
    {
        0 => "errorneous", // sic: tcpdump's word
        1 => "next header",
        2 => "option",
        _ => $"code-#{code}",
    };
}
