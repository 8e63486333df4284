using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>
/// The way out of a device's datagrams: a UDP socket of either IP version, memory in tests. It belongs to the device's worker.
/// </summary>
public interface IWire
{
    /// <summary>
    /// Sends UDP payloads, in order, each to the endpoint beside it; those of one endpoint are in rows. What cannot be sent is
    /// lost, as on any wire: nothing is thrown. The batch is used again afterwards.
    /// </summary>
    /// <param name="datagrams">
    /// The payloads, each behind <see cref="PacketBatch.DefaultHeadroom"/> bytes for outer headers, whose TOS or traffic class
    /// <see cref="PacketInfo.TrafficClass"/> says. One with <see cref="GsoType.UdpL4"/> is several of
    /// <see cref="PacketInfo.GsoSize"/> bytes, the last perhaps shorter: at most 128, and no more bytes than a datagram over IPv4 has.
    /// </param>
    /// <param name="endpoints">Where each goes.</param>
    void Send(PacketBatch datagrams, ReadOnlySpan<Endpoint> endpoints);
}
