using Qanat.Testing;
using Xunit;

namespace Qanat.Crypto.Tests;

public sealed class AeadCrewTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, BatchAead.KeyLength).Select(i => (byte)i)];

    public static TheoryData<AeadImplementation, int> Crews => new(
        from implementation in Enum.GetValues<AeadImplementation>()
        where BatchAead.Supports(implementation)
        from helpers in new[] { 0, 1, 3 }
        select (implementation, helpers));

    [Theory]
    [MemberData(nameof(Crews))]
    public unsafe void What_a_crew_seals_is_what_one_alone_seals_and_it_opens_again(AeadImplementation implementation, int helpers)
    {
        using var crew = new AeadCrew(helpers);
        using var seal = BatchAead.Create(implementation, s_key, CipherDirection.Seal);
        using var open = BatchAead.Create(implementation, s_key, CipherDirection.Open);
        var random = new Random(helpers);
        for (var round = 0; round < 200; round++)
        {
            var count = round < 40 ? round : random.Next(300);
            var (ours, theirs) = (Make(count, round), Make(count, round));
            fixed (byte* first = ours.Memory, second = theirs.Memory)
            {
                var (packets, expected) = (Packets(first, ours), Packets(second, theirs));
                crew.Seal(seal, packets);
                seal.Seal(expected);
                Assert.True(ours.Memory.AsSpan().SequenceEqual(theirs.Memory));

                var forged = count == 0 ? -1 : random.Next(count);
                if (forged >= 0)
                    packets[forged].Text[packets[forged].Length] ^= 1;
                crew.Open(open, packets);
                for (var i = 0; i < count; i++)
                {
                    Assert.Equal(i != forged, packets[i].IsValid);
                    var text = new ReadOnlySpan<byte>(packets[i].Text, packets[i].Length);
                    Assert.False(text.ContainsAnyExcept(i == forged ? (byte)0 : Filling(round, i)));
                }
            }
        }
    }

    [Fact]
    public unsafe void Nothing_is_allocated_for_packets()
    {
        const int count = 256;
        using var crew = new AeadCrew(helpers: 2);
        using var seal = BatchAead.Create(s_key, CipherDirection.Seal);
        var memory = Make(count, 1);
        fixed (byte* first = memory.Memory)
        {
            var packets = Packets(first, memory);
            void Pass()
            {
                for (var i = 0; i < 20; i++)
                    crew.Seal(seal, packets);
            }
            Pass();
            Pass();
            Allocations.AssertNone(20 * count, Pass);
        }
    }

    [Fact]
    public unsafe void A_fault_reaches_the_caller_and_the_crew_goes_on()
    {
        using var crew = new AeadCrew(helpers: 2);
        using var seal = BatchAead.Create(s_key, CipherDirection.Seal);
        var wiped = BatchAead.Create(s_key, CipherDirection.Seal);
        wiped.Dispose();
        var memory = Make(100, 1);
        fixed (byte* first = memory.Memory)
        {
            var packets = Packets(first, memory);
            for (var i = 0; i < 20; i++)
            {
                Assert.Throws<ObjectDisposedException>(() => crew.Seal(wiped, packets));
                crew.Seal(seal, packets);
            }
        }
    }

    [Fact]
    public void A_crew_ends_with_its_threads_asleep_or_not()
    {
        for (var i = 0; i < 20; i++)
        {
            using var crew = new AeadCrew(helpers: 3);
            if (i % 2 == 0)
                crew.Wake();
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => new AeadCrew(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AeadCrew(AeadCrew.MaxHelpers + 1));
    }

    private static byte Filling(int round, int index) => (byte)(1 + (round + index) % 255);

    // Texts of many lengths, each with room for its tag.
    private static (byte[] Memory, int[] Lengths, int Round) Make(int count, int round)
    {
        var random = new Random(round);
        var lengths = Enumerable.Range(0, count).Select(_ => random.Next(4) == 0 ? random.Next(100) : 1000 + random.Next(400)).ToArray();
        var memory = GC.AllocateArray<byte>(lengths.Sum() + count * BatchAead.TagLength + 1, pinned: true);
        for (int i = 0, at = 0; i < count; at += lengths[i++] + BatchAead.TagLength)
            memory.AsSpan(at, lengths[i]).Fill(Filling(round, i));
        return (memory, lengths, round);
    }

    private static unsafe AeadPacket[] Packets(byte* memory, (byte[] Memory, int[] Lengths, int Round) made)
    {
        var packets = new AeadPacket[made.Lengths.Length];
        for (int i = 0, at = 0; i < packets.Length; at += made.Lengths[i++] + BatchAead.TagLength)
            packets[i] = new(memory + at, made.Lengths[i], (ulong)(made.Round * 1000 + i));
        return packets;
    }
}
