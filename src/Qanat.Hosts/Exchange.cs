using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>A packet that came, and what became of it. What a packet does not have is zero.</summary>
/// <param name="Event">What became of it.</param>
public readonly record struct Exchange(HostEvent Event)
{
    /// <summary>Who sent it.</summary>
    public IpAddress Source { get; init; }

    /// <summary>The address that it was for; of ARP and neighbour discovery the one that was asked for.</summary>
    public IpAddress Target { get; init; }

    /// <summary>The sender's Ethernet address.</summary>
    public MacAddress Hardware { get; init; }

    /// <summary>What the IP packet carried; for problems with a header, that header's number.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>Echo and timestamp: the identifier.</summary>
    public ushort Identifier { get; init; }

    /// <summary>Echo and timestamp: the sequence number.</summary>
    public ushort SequenceNumber { get; init; }

    /// <summary>UDP and TCP: the port that it was for.</summary>
    public ushort Port { get; init; }

    /// <summary>Bytes that the IP packet carried, all fragments together.</summary>
    public int Length { get; init; }
}

/// <summary>Is told of exchanges as they happen, on the host's own thread.</summary>
public interface IHostObserver
{
    /// <summary>A packet was answered, kept or dropped.</summary>
    void OnExchange(in Exchange exchange);
}
