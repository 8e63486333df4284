using Qanat.Packets;

namespace Qanat.Hosts.Tests;

/// <summary>Cuts packets, and joins them again.</summary>
internal static class Fragments
{
    public static byte[][] Of4(byte[] packet, int mtu) => Cut(queue => IPv4Fragmenter.Fragment(packet, mtu, queue));

    public static byte[][] Of6(byte[] packet, int mtu) => Cut(queue => IPv6Fragmenter.Fragment(packet, mtu, 77, queue));

    public static byte[] Join4(byte[][] fragments)
    {
        var reassembler = new IPv4Reassembler(TimeProvider.System);
        foreach (var fragment in fragments)
            if (reassembler.TryAdd(fragment, out var whole))
                return whole.ToArray();
        throw new InvalidOperationException("A fragment is missing.");
    }

    public static byte[] Join6(byte[][] fragments)
    {
        var reassembler = new IPv6Reassembler(TimeProvider.System);
        foreach (var fragment in fragments)
            if (reassembler.TryAdd(fragment, out var whole))
                return whole.ToArray();
        throw new InvalidOperationException("A fragment is missing.");
    }

    private static byte[][] Cut(Action<PacketQueue> fragment)
    {
        var (port, other) = MemoryPort.Pair();
        using var batch = new PacketBatch();
        var queue = new PacketQueue(port, batch);
        fragment(queue);
        queue.Flush();
        List<byte[]> fragments = [];
        while (other.Receive(batch) > 0)
        {
            for (var i = 0; i < batch.Count; i++)
                fragments.Add(batch.Bytes(i).ToArray());
            batch.Clear();
        }
        return [.. fragments];
    }
}
