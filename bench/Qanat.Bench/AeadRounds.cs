using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Qanat.Crypto;

namespace Qanat.Bench;

/// <summary>Sealing and opening with ChaCha20-Poly1305: each implementation that this machine has, in turn.</summary>
internal static unsafe class AeadRounds
{
    private const int Packets = 2_000;
    private static readonly int[] s_lengths = [64, 576, 1420];
    private static readonly int[] s_batches = [1, 4, 8];

    /// <summary>Prints the median of nanoseconds a packet, and libcrypto's over it.</summary>
    public static void Measure(int rounds)
    {
        var implementations = Enum.GetValues<AeadImplementation>().Where(BatchAead.Supports).ToArray();
        Console.WriteLine($"{"ns a packet, median of " + rounds,-28}" + string.Concat(implementations.Select(each => $"{each,18}")));
        foreach (var direction in Enum.GetValues<CipherDirection>())
            foreach (var length in s_lengths)
                foreach (var batch in s_batches)
                {
                    var samples = implementations.ToDictionary(each => each, _ => new List<double>());
                    using var run = new Run(length, batch);
                    WarmUp(run, implementations, direction);
                    // Each round begins with another one, so that none is always the first.
                    for (var round = 0; round < rounds; round++)
                        for (var i = 0; i < implementations.Length; i++)
                        {
                            var implementation = implementations[(i + round) % implementations.Length];
                            samples[implementation].Add(run.Measure(implementation, direction));
                        }
                    var medians = implementations.Select(each => samples[each].Order().ElementAt(rounds / 2)).ToArray();
                    Console.WriteLine($"{$"{direction}, {length} B, {batch} at a time",-28}" + string.Concat(medians.Select(each =>
                        string.Create(CultureInfo.InvariantCulture, $"{each,10:F0} x {medians[0] / each,-5:F2}"))));
                }
    }

    // Until what is hot is compiled anew.
    private static void WarmUp(Run run, AeadImplementation[] implementations, CipherDirection direction)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < 300)
            foreach (var implementation in implementations)
                run.Measure(implementation, direction);
    }

    /// <summary>Packets of one length in native memory.</summary>
    private sealed class Run(int length, int batch) : IDisposable
    {
        private readonly int _room = length + BatchAead.TagLength;
        private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc((nuint)((length + BatchAead.TagLength) * batch), 64);

        public double Measure(AeadImplementation implementation, CipherDirection direction)
        {
            using var sealer = BatchAead.Create(implementation, new byte[BatchAead.KeyLength], CipherDirection.Seal);
            using var opener = BatchAead.Create(implementation, new byte[BatchAead.KeyLength], CipherDirection.Open);
            new Span<byte>(_memory, _room * batch).Clear();
            var packets = new AeadPacket[batch];
            for (var i = 0; i < batch; i++)
                packets[i] = new AeadPacket(_memory + (i * _room), length, (ulong)i);
            // To open what is sealed is to seal what is open: the text changes each time, and forged packets would be wiped.
            var took = 0L;
            for (var done = 0; done < Packets; done += batch)
            {
                var start = Stopwatch.GetTimestamp();
                sealer.Seal(packets);
                var between = Stopwatch.GetTimestamp();
                if (opener.Open(packets) != batch)
                    throw new InvalidOperationException("What was sealed does not open.");
                took += direction == CipherDirection.Seal ? between - start : Stopwatch.GetTimestamp() - between;
            }
            return took * 1e9 / Stopwatch.Frequency / ((Packets + batch - 1) / batch * batch);
        }

        public void Dispose() => NativeMemory.AlignedFree(_memory);
    }
}
