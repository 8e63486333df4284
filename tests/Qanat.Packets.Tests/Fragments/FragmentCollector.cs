namespace Qanat.Packets.Tests.Fragments;

/// <summary>A queue whose packets can be looked at.</summary>
internal sealed class FragmentCollector : IPort
{
    private readonly PacketBatch _batch = new(8);
    private readonly List<byte[]> _packets = [];
    private readonly List<PacketInfo> _infos = [];

    public FragmentCollector() => Queue = new PacketQueue(this, _batch);

    public PacketQueue Queue { get; }

    public IReadOnlyList<PacketInfo> Infos => _infos;

    /// <summary>Cuts a packet; the answer is its fragments, with what the fragmenter said of their number checked.</summary>
    public static byte[][] Fragment(byte[] packet, int mtu)
    {
        using var collector = new FragmentCollector();
        var count = IPv4Fragmenter.Fragment(packet, mtu, collector.Queue);
        var packets = collector.Take();
        return packets.Length == count ? packets : throw new InvalidOperationException($"{count} said, {packets.Length} sent.");
    }

    public byte[][] Take()
    {
        Queue.Flush();
        byte[][] taken = [.. _packets];
        _packets.Clear();
        return taken;
    }

    public int Receive(PacketBatch batch) => 0;

    public int Send(PacketBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            _packets.Add(batch.Bytes(i).ToArray());
            _infos.Add(batch[i]);
        }
        return batch.Count;
    }

    public void Dispose() => _batch.Dispose();
}
