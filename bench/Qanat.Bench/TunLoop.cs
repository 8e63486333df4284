using System.Diagnostics;
using Qanat.Linux.Devices;
using Qanat.Packets;

namespace Qanat.Bench;

/// <summary>The loop of <c>bench/native/tunloop.c</c>: reads an IPv4 packet, exchanges its addresses, writes it back.</summary>
internal static class TunLoop
{
    /// <summary>A packet a call.</summary>
    public static void Plain(string name, int warmup, int count)
    {
        using var device = TunDevice.Open(name);
        var buffer = new byte[PacketBatch.MaxPacketLength];
        Measure(warmup, count, packets =>
        {
            for (var done = 0; done < packets; done++)
            {
                var packet = buffer.AsSpan(0, device.Read(buffer));
                ExchangeAddresses(packet);
                device.Write(packet);
            }

            return packets;
        });
    }

    /// <summary>A batch a call.</summary>
    public static void Batches(string name, int warmup, int count)
    {
        using var device = TunDevice.Open(name);
        using var batch = new PacketBatch();
        Measure(warmup, count, packets =>
        {
            var done = 0;
            while (done < packets)
            {
                batch.Clear();
                if (device.Receive(batch) == 0)
                    device.Wait(Timeout.InfiniteTimeSpan);
                for (var i = 0; i < batch.Count; i++)
                    ExchangeAddresses(batch.Bytes(i));
                done += device.Send(batch);
            }

            return done;
        });
    }

    // The loop says how many packets it took: a batch ends where it ends.
    private static void Measure(int warmup, int count, Func<int, int> loop)
    {
        // In pieces, so that the loop itself is compiled anew once it is known to be hot.
        for (var left = warmup; left > 0;)
            left -= loop(Math.Min(left, 1000));
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var (worked, start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        var done = loop(count);
        var rate = done / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var cpu = (Environment.CpuUsage.TotalTime - worked).TotalMicroseconds / done;
        var each = (double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / done;
        Console.WriteLine(FormattableString.Invariant($"{{\"rate\": {rate:F0}, \"cpu\": {cpu:F4}, \"allocated\": {each:F4}}}"));
    }

    private static void ExchangeAddresses(Span<byte> packet)
    {
        var (source, destination) = (IPv4Address.Read(packet[12..]), IPv4Address.Read(packet[16..]));
        destination.Write(packet[12..]);
        source.Write(packet[16..]);
    }
}
