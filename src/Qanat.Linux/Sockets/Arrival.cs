using System.Buffers.Binary;
using Qanat.Packets;
using static Qanat.Linux.Interop.In;
using static Qanat.Linux.Interop.In6;
using static Qanat.Linux.Interop.Udp;

namespace Qanat.Linux.Sockets;

/// <summary>What the kernel says beside a received message, where it keeps the headers to itself.</summary>
internal readonly unsafe struct Arrival
{
    /// <summary>Gathers what is said of message <paramref name="index"/>.</summary>
    public Arrival(MessageVector messages, int index)
    {
        Source = messages.SourceOf(index, out var port);
        SourcePort = port;
        Destination = IpAddress.Any(Source.IsIPv6);
        for (var control = messages.ControlOf(index); control.MoveNext();)
        {
            switch (control.Level, control.Type)
            {
                case (IPPROTO_IP, IP_PKTINFO):
                    var info = control.Read<in_pktinfo>();
                    (Link, Destination) = (info.ipi_ifindex, new IPv4Address(BinaryPrimitives.ReverseEndianness(info.ipi_addr)));
                    break;
                case (IPPROTO_IP, IP_TOS):
                    TrafficClass = control.Read<byte>();
                    break;
                case (IPPROTO_IP, IP_TTL) or (IPPROTO_IPV6, IPV6_HOPLIMIT):
                    HopLimit = (byte)control.Read<int>();
                    break;
                case (IPPROTO_IPV6, IPV6_PKTINFO):
                    var info6 = control.Read<in6_pktinfo>();
                    (Link, Destination) = (info6.ipi6_ifindex, SocketAddress.Unmap(new(info6.ipi6_addr.s6_addr, IPv6Address.Size)));
                    break;
                case (IPPROTO_IPV6, IPV6_FLOWINFO): // the header's first word but for the version; not said when it is 0
                    var word = BinaryPrimitives.ReverseEndianness(control.Read<uint>());
                    (TrafficClass, FlowLabel) = ((byte)(word >> 20), word & 0xFFFFF);
                    break;
                case (SOL_UDP, UDP_GRO):
                    SegmentSize = control.Read<int>();
                    break;
            }
        }
    }

    public IpAddress Source { get; }

    public ushort SourcePort { get; }

    /// <summary>The header's destination; any when the kernel did not say.</summary>
    public IpAddress Destination { get; }

    /// <summary>The interface that it came in on; 0 when the kernel did not say.</summary>
    public int Link { get; }

    /// <summary>TOS or traffic class.</summary>
    public byte TrafficClass { get; }

    /// <summary>TTL or hop limit.</summary>
    public byte HopLimit { get; }

    public uint FlowLabel { get; }

    /// <summary>Bytes of each datagram but the last, when there are several; otherwise 0.</summary>
    public int SegmentSize { get; }
}
