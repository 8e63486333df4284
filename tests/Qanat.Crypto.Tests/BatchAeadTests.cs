using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.Crypto.Tests;

/// <summary>Every implementation of <see cref="BatchAead"/> that this machine has, against libcrypto packet by packet.</summary>
public class BatchAeadTests
{
    /// <summary>What this machine has: each is a test case of its own, so the list of tests says what ran.</summary>
    public static TheoryData<AeadImplementation> Implementations => [.. Enum.GetValues<AeadImplementation>().Where(BatchAead.Supports)];

    [Theory]
    [MemberData(nameof(Implementations))]
    public void Every_length_to_2200_in_batches_of_one_to_eight_is_what_libcrypto_makes_of_it(AeadImplementation implementation)
    {
        using var bench = new BatchTrial(implementation, seed: 1);
        for (var count = 1; count <= 8; count++)
            for (var length = 0; length <= 2200; length++)
                bench.SealAndOpen([.. Enumerable.Repeat(length, count)]);
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void Every_length_to_2200_beside_all_others_is_what_libcrypto_makes_of_it(AeadImplementation implementation)
    {
        using var bench = new BatchTrial(implementation, seed: 2);
        for (var count = 2; count <= 8; count++)
            for (var length = 0; length <= 2200; length++)
            {
                var lengths = new int[count];
                for (var i = 0; i < count; i++)
                    lengths[i] = i == length % count ? length : bench.Random.Next(2201);
                bench.SealAndOpen(lengths);
            }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void Long_texts_are_what_libcrypto_makes_of_them(AeadImplementation implementation)
    {
        using var bench = new BatchTrial(implementation, seed: 3);
        for (var length = 2201; length < 65_536; length += 331)
            bench.SealAndOpen([length, 65_535 - length, 16]);
        for (var length = 65_500; length < 65_536; length++)
            bench.SealAndOpen([length]);
        bench.SealAndOpen([.. Enumerable.Repeat(65_535, 8)]);
    }

    // Around each multiple of what a block, a row of lanes or a run of them takes, up to the longest text there is.
    [Theory]
    [MemberData(nameof(Implementations))]
    public void Lengths_beside_every_kibibyte_are_what_libcrypto_makes_of_them(AeadImplementation implementation)
    {
        using var bench = new BatchTrial(implementation, seed: 12);
        foreach (var count in (int[])[1, 2, 4, 7, 8])
            for (var kibibyte = 2; kibibyte <= 64; kibibyte++)
                foreach (var beside in (int[])[-64, -17, -16, -15, -1, 0, 1, 15, 16, 17, 64])
                    bench.SealAndOpen([.. Enumerable.Repeat(Math.Min((kibibyte << 10) + beside, 65_535), count)]);
    }

    // Any lengths, any counters, any salt; then any bit of any packet changed.
    [Theory]
    [MemberData(nameof(Implementations))]
    public void Whatever_a_fuzzer_thinks_of_is_what_libcrypto_makes_of_it(AeadImplementation implementation) =>
        Prop.ForAll<int, NonEmptyArray<ushort>>((seed, any) =>
        {
            int[] lengths = [.. any.Get.Select(length => length % (seed % 3 == 0 ? 65_536 : 2_000))];
            using var bench = new BatchTrial(implementation, seed);
            bench.SealAndOpen(lengths);
            var forged = bench.Random.Next(lengths.Length);
            bench.Forge(lengths, forged, bench.Random.Next(8 * (lengths[forged] + BatchAead.TagLength)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [MemberData(nameof(Implementations))]
    public void Batches_of_any_size_are_what_libcrypto_makes_of_them(AeadImplementation implementation)
    {
        using var bench = new BatchTrial(implementation, seed: 4);
        bench.SealAndOpen([]);
        for (var count = 9; count <= 128; count++)
            bench.SealAndOpen([.. Enumerable.Repeat(1420, count - 1), bench.Random.Next(1420)]);
        bench.SealAndOpen(new int[100]);
    }

    // What a tunnel sees: runs of full packets with a shorter one behind, acknowledgements, keepalives, anything.
    [Theory]
    [MemberData(nameof(Implementations))]
    public void Random_traffic_is_what_libcrypto_makes_of_it(AeadImplementation implementation)
    {
        for (var seed = 100; seed < 120; seed++)
        {
            using var bench = new BatchTrial(implementation, seed);
            for (var batch = 0; batch < 100; batch++)
            {
                var lengths = new int[bench.Random.Next(1, 40)];
                for (var i = 0; i < lengths.Length; i++)
                    lengths[i] = bench.Random.Next(5) switch
                    {
                        0 => 0,
                        1 => 64,
                        2 => bench.Random.Next(300),
                        3 => bench.Random.Next(9000),
                        _ => 1424,
                    };
                bench.SealAndOpen(lengths);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void A_tag_that_differs_in_any_bit_is_refused_and_its_text_wiped(AeadImplementation implementation)
    {
        using var bench = new BatchTrial(implementation, seed: 5);
        for (var count = 1; count <= 9; count++)
            for (var bit = 0; bit < 8 * BatchAead.TagLength; bit++)
            {
                int forged = bit % count, length = bench.Random.Next(200);
                bench.Forge([.. Enumerable.Repeat(length, count)], forged, (8 * length) + bit);
            }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void A_ciphertext_that_differs_in_any_bit_is_refused_and_wiped(AeadImplementation implementation)
    {
        using var bench = new BatchTrial(implementation, seed: 6);
        foreach (var count in (int[])[1, 2, 3, 8])
            for (var bit = 0; bit < 8 * 150; bit++)
                bench.Forge([.. Enumerable.Repeat(150, count)], bit % count, bit);
        for (var bit = 0; bit < 8 * 1420; bit += 13)
            bench.Forge([1420, 64, 0, 1420, 1420, 700, 1420, 1420], 3, bit);
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void A_packet_with_another_counter_or_under_another_key_is_refused(AeadImplementation implementation)
    {
        using var memory = new PinnedPackets([100, 100], random: new Random(7));
        using var sealer = BatchAead.Create(implementation, new byte[32], CipherDirection.Seal);
        using var opener = BatchAead.Create(implementation, new byte[32], CipherDirection.Open);
        using var stranger = BatchAead.Create(implementation, [.. new byte[31], 1], CipherDirection.Open);
        using var salted = BatchAead.Create(implementation, new byte[32], CipherDirection.Open, salt: 1);
        var sealedOnes = memory.With([5, 6]);
        sealer.Seal(sealedOnes);
        var bytes = memory.Bytes.ToArray();
        foreach (var (other, counters, valid) in ((BatchAead, ulong[], int)[])
            [
                (opener, [5, 7], 1), (opener, [6, 5], 0), (opener, [5 + (1UL << 32), 6 + (1UL << 63)], 0),
                (stranger, [5, 6], 0), (salted, [5, 6], 0), (opener, [5, 6], 2),
            ])
        {
            bytes.CopyTo(memory.Bytes);
            Assert.Equal(valid, other.Open(memory.With(counters)));
        }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void Nothing_is_allocated_for_packets(AeadImplementation implementation)
    {
        using var memory = new PinnedPackets([1420, 1420, 64, 0, 1420, 1420, 1420, 1420, 600], new Random(8));
        using var sealer = BatchAead.Create(implementation, new byte[32], CipherDirection.Seal);
        using var opener = BatchAead.Create(implementation, new byte[32], CipherDirection.Open);
        var packets = memory.With(new ulong[9]);
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                sealer.Seal(packets);
                opener.Open(packets);
            }
            if (round > 0)
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void A_key_is_used_in_its_direction_and_until_it_is_disposed_of(AeadImplementation implementation)
    {
        using var memory = new PinnedPackets([10], new Random(9));
        var packets = memory.With([0]);
        var sealer = BatchAead.Create(implementation, new byte[32], CipherDirection.Seal);
        using var opener = BatchAead.Create(implementation, new byte[32], CipherDirection.Open);
        Assert.Equal(implementation, sealer.Implementation);
        Assert.Throws<InvalidOperationException>(() => sealer.Open(packets));
        Assert.Throws<InvalidOperationException>(() => opener.Seal(packets));
        sealer.Dispose();
        sealer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => sealer.Seal(packets));
        Assert.Throws<ArgumentException>(() => BatchAead.Create(implementation, new byte[31], CipherDirection.Seal));
    }

    [Fact]
    public unsafe void A_packet_has_no_negative_length() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AeadPacket(null, -1, 0));

    [Fact]
    public void The_environment_variable_says_what_to_work_with()
    {
        Assert.True(BatchAead.Supports(BatchAead.Choose(null)));
        Assert.Equal(BatchAead.Choose(null), BatchAead.Choose(""));
        foreach (var (wish, implementation) in ((string, AeadImplementation)[])
            [("libcrypto", AeadImplementation.LibCrypto), ("avx2", AeadImplementation.Avx2), ("avx512", AeadImplementation.Avx512)])
            if (BatchAead.Supports(implementation))
                Assert.Equal(implementation, BatchAead.Choose(wish));
            else
                Assert.Equal(
                    $"QANAT_AEAD={wish}: not on this machine", Assert.Throws<CryptoException>(() => BatchAead.Choose(wish)).Message);
        Assert.Equal("QANAT_AEAD=fast: libcrypto, avx2 or avx512", Assert.Throws<CryptoException>(() => BatchAead.Choose("fast")).Message);
    }
}
