namespace Qanat.Tunnels;

/// <summary>Source ports that tell flows apart, as the kernel picks them (udp_flow_src_port).</summary>
internal static class SourcePort
{
    /// <summary>The range of ports of one's own that Linux has unless told otherwise (net.ipv4.ip_local_port_range).</summary>
    public const int Min = 32768, Max = 60999;

    /// <summary>The port of a flow, within the host's range.</summary>
    public static ushort Of(uint flow) => Of(flow, Min, Max);

    /// <summary>The port of a flow, from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static ushort Of(uint flow, int min, int max) => (ushort)(min + (int)((ulong)flow * (uint)(max - min + 1) >> 32));
}
