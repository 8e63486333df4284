using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>Answers ICMP's questions, echo and timestamp, as net/ipv4/icmp.c does.</summary>
internal sealed class Icmp(Outlet outlet, TimeProvider time)
{
    private const byte TimeToLive = 64;
    private const int TimestampLength = 20;

    /// <summary>Takes a message that is whole.</summary>
    public Exchange Take(in Arrival arrival, IPv4Header packet, bool toMany, in Exchange exchange)
    {
        if (!IcmpHeader.TryParse(packet.Payload, out var message))
            return exchange with { Event = HostEvent.IcmpInErrors };
        if (!arrival.ChecksumKnown && !message.HasValidChecksum)
            return exchange with { Event = HostEvent.IcmpInCsumErrors };
        if (message.Type is not (IcmpType.EchoRequest or IcmpType.Timestamp))
            return exchange with { Event = HostEvent.IcmpIgnored };

        var told = exchange with { Identifier = message.Identifier, SequenceNumber = message.SequenceNumber };
        if (toMany)
            return told with { Event = HostEvent.EchoIgnored };
        if (message.Type == IcmpType.EchoRequest)
            return told with { Event = Echo(arrival, packet) };
        return told with { Event = message.Body.Length < sizeof(uint) ? HostEvent.IcmpInErrors : TellTime(arrival, packet) };
    }

    // The same message with another type; code, identifier, sequence number and data stay.
    private HostEvent Echo(in Arrival arrival, IPv4Header packet)
    {
        var message = Begin(packet, packet.Payload.Length, out var headerLength);
        packet.Payload.CopyTo(message);
        message[0] = (byte)IcmpType.EchoReply;
        Send(arrival, packet, message, headerLength);
        return HostEvent.EchoReply;
    }

    // RFC 792: when it was sent (theirs), received and sent again (ours).
    private HostEvent TellTime(in Arrival arrival, IPv4Header packet)
    {
        var message = Begin(packet, TimestampLength, out var headerLength);
        packet.Payload[..(IcmpHeader.Size + sizeof(uint))].CopyTo(message);
        message[0] = (byte)IcmpType.TimestampReply;
        message[1] = 0;
        BinaryPrimitives.WriteUInt32BigEndian(message[12..], Now());
        BinaryPrimitives.WriteUInt32BigEndian(message[16..], Now());
        Send(arrival, packet, message, headerLength);
        return HostEvent.TimestampReply;
    }

    // The options of the answer go in first, for they say where its message begins.
    private Span<byte> Begin(IPv4Header packet, int length, out int headerLength)
    {
        var answer = outlet.Scratch;
        headerLength = IPv4Header.MinSize +
            IPv4Options.Echo(packet.Options, packet.Destination, packet.Options.IsEmpty ? 0 : Now(), answer[IPv4Header.MinSize..]);
        return answer.Slice(headerLength, length);
    }

    private void Send(in Arrival arrival, IPv4Header packet, Span<byte> message, int headerLength)
    {
        message[2..4].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Compute(message));
        var answer = outlet.Scratch[..(headerLength + message.Length)];
        IPv4Header.Write(answer, packet.TypeOfService, answer.Length, outlet.NextIdentification(), false, TimeToLive, IpProtocol.Icmp,
            packet.Destination, packet.Source);
        if (headerLength > IPv4Header.MinSize)
        {
            answer[0] = (byte)(0x40 | headerLength / 4);
            IPv4Header.UpdateChecksum(answer);
        }
        outlet.SendIPv4(answer, arrival.Sender);
    }

    // Milliseconds since midnight UTC.
    private uint Now() => (uint)time.GetUtcNow().TimeOfDay.TotalMilliseconds;
}
