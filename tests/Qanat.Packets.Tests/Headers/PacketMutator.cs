namespace Qanat.Packets.Tests.Headers;

/// <summary>Spoils packets: cut short, made longer, bytes changed, or random altogether.</summary>
internal static class PacketMutator
{
    /// <summary>Puts a spoilt copy of <paramref name="sample"/> in front of the guard.</summary>
    public static Span<byte> Mutate(Random random, byte[] sample, GuardedMemory memory)
    {
        var length = random.Next(4) switch
        {
            0 => random.Next(sample.Length + 1),
            1 => sample.Length + random.Next(64),
            _ => sample.Length,
        };
        var packet = memory.Last(length);
        var kept = Math.Min(length, random.Next(50) == 0 ? 0 : sample.Length);
        sample.AsSpan(0, kept).CopyTo(packet);
        random.NextBytes(packet[kept..]);
        // Headers are at the beginning, where most of what matters is.
        for (var changes = random.Next(8); changes > 0 && length > 0; changes--)
        {
            ref var at = ref packet[random.Next(random.Next(2) == 0 ? Math.Min(length, 64) : length)];
            at = random.Next(4) switch
            {
                0 => 0,
                1 => 0xFF,
                2 => (byte)(at ^ 1 << random.Next(8)),
                _ => (byte)random.Next(256),
            };
        }
        return packet;
    }
}
