using System.Buffers.Binary;
using System.Text;

namespace Qanat.Packets;

/// <summary>ICMP messages.</summary>
internal static class IcmpText
{
    /// <summary>Appends a message.</summary>
    /// <param name="text">Where it goes.</param>
    /// <param name="message">The message.</param>
    /// <param name="length">Its bytes on the wire.</param>
    public static void Append(StringBuilder text, ReadOnlySpan<byte> message, int length)
    {
        if (!IcmpHeader.TryParse(message, out var icmp) || (message.Length < length && message.Length < Needed(icmp)))
        {
            text.Append("[|icmp]");
            return;
        }

        text.Append("ICMP ");
        switch (icmp.Type)
        {
            case IcmpType.EchoRequest:
                text.Append($"echo request, id {icmp.Identifier}, seq {icmp.SequenceNumber}");
                break;
            case IcmpType.EchoReply:
                text.Append($"echo reply, id {icmp.Identifier}, seq {icmp.SequenceNumber}");
                break;
            case IcmpType.DestinationUnreachable:
                AppendUnreachable(text, icmp);
                break;
            case IcmpType.TimeExceeded:
                text.Append(icmp.Code switch
                {
                    0 => "time exceeded in-transit",
                    1 => "ip reassembly time exceeded",
                    _ => $"time exceeded-#{icmp.Code}",
                });
                break;
            case IcmpType.Redirect:
                text.Append("redirect ");
                if (icmp.TryGetOriginal(out var redirected))
                    text.Append($"{redirected.Destination} to ");
                text.Append($"{(icmp.Code is 0 or 2 ? "net" : "host")} {icmp.Gateway}");
                break;
            case IcmpType.ParameterProblem:
                text.Append($"parameter problem - octet {icmp.ProblemPointer}");
                break;
            case IcmpType.SourceQuench:
                text.Append("source quench");
                break;
            case IcmpType.Timestamp:
                text.Append($"time stamp query id {icmp.Identifier} seq {icmp.SequenceNumber}");
                break;
            case IcmpType.TimestampReply:
                text.Append($"time stamp reply id {icmp.Identifier} seq {icmp.SequenceNumber}");
                break;
            case IcmpType.RouterAdvertisement:
                text.Append("router advertisement");
                break;
            case IcmpType.RouterSolicitation:
                text.Append("router solicitation");
                break;
            default:
                text.Append($"type-#{(int)icmp.Type}");
                break;
        }

        text.Append($", length {length}");
    }

    // What is told of an error stands in the header that it quotes, ports behind it.
    private static int Needed(IcmpHeader icmp) => icmp.Type switch
    {
        IcmpType.DestinationUnreachable when icmp.Code == (byte)IcmpUnreachableCode.Port =>
            IcmpHeader.Size + IPv4Header.MinSize + 4,
        IcmpType.DestinationUnreachable or IcmpType.TimeExceeded or IcmpType.Redirect => IcmpHeader.Size + IPv4Header.MinSize,
        _ => IcmpHeader.Size,
    };

    private static void AppendUnreachable(StringBuilder text, IcmpHeader icmp)
    {
        if (!IPv4Header.TryParseQuoted(icmp.OriginalDatagram, out var original))
        {
            text.Append($"unreachable code {icmp.Code}");
            return;
        }

        var (target, protocol) = (original.Destination, original.Protocol);
        switch ((IcmpUnreachableCode)icmp.Code)
        {
            case IcmpUnreachableCode.Network:
                text.Append($"net {target} unreachable");
                break;
            case IcmpUnreachableCode.Host:
                text.Append($"host {target} unreachable");
                break;
            case IcmpUnreachableCode.Protocol:
                text.Append($"{target} protocol {(int)protocol} unreachable");
                break;
            case IcmpUnreachableCode.Port:
                var port = original.Payload.Length >= 4 ? BinaryPrimitives.ReadUInt16BigEndian(original.Payload[2..]) : 0;
                text.Append(protocol switch
                {
                    IpProtocol.Tcp => $"{target} tcp port {port} unreachable",
                    IpProtocol.Udp => $"{target} udp port {port} unreachable",
                    _ => $"{target} protocol {(int)protocol} port {port} unreachable",
                });
                break;
            case IcmpUnreachableCode.FragmentationNeeded:
                text.Append($"{target} unreachable - need to frag{(icmp.NextHopMtu != 0 ? $" (mtu {icmp.NextHopMtu})" : "")}");
                break;
            case IcmpUnreachableCode.SourceRouteFailed:
                text.Append($"{target} unreachable - source route failed");
                break;
            case IcmpUnreachableCode.CommunicationProhibited:
                text.Append($"host {target} unreachable - admin prohibited filter");
                break;
            case (IcmpUnreachableCode)9:
                text.Append($"net {target} unreachable - admin prohibited");
                break;
            case (IcmpUnreachableCode)10:
                text.Append($"host {target} unreachable - admin prohibited");
                break;
            default:
                text.Append($"{target} unreachable - #{icmp.Code}");
                break;
        }
    }
}
