using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Xunit;

namespace Qanat.Crypto.Tests;

/// <summary>The published vectors, through whole batches and through the kernels on their own.</summary>
public class BatchAeadVectorTests
{
    private static readonly string s_sunscreen = Convert.ToHexString(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."u8);

    public static TheoryData<AeadImplementation> Implementations => BatchAeadTests.Implementations;

    // RFC 8439, 2.4.2: encrypted from block 1 on, as the AEAD does it.
    [Theory]
    [MemberData(nameof(Implementations))]
    public void The_text_of_RFC_8439_is_encrypted_as_it_says(AeadImplementation implementation)
    {
        var key = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        using var sealer = BatchAead.Create(implementation, key, CipherDirection.Seal);
        for (var count = 1; count <= 9; count++)
        {
            using var memory = new PinnedPackets([.. Enumerable.Repeat(114, count)], new Random(1));
            for (var i = 0; i < count; i++)
                Convert.FromHexString(s_sunscreen).CopyTo(memory.Bytes[memory.Offsets[i]..]);
            sealer.Seal(memory.With([.. Enumerable.Repeat(0x4a000000UL, count)]));
            for (var i = 0; i < count; i++)
                Assert.Equal(
                    "6E2E359A2568F98041BA0728DD0D6981E97E7AEC1D4360C20A27AFCCFD9FAE0B" +
                    "F91B65C5524733AB8F593DABCD62B3571639D624E65152AB8F530C359F0861D8" +
                    "07CA0DBF500D6A6156A38E088A22B65E52BC514D16CCF806818CE91AB77937365AF90BBF74A35BE6B40B8EEDF2785E42874D",
                    Convert.ToHexString(memory.Bytes.Slice(memory.Offsets[i], 114)));
        }
    }

    [Theory]
    [MemberData(nameof(Implementations))]
    public void The_vectors_of_Wycheproof_without_associated_data_hold(AeadImplementation implementation)
    {
        var (held, refused) = (0, 0);
        foreach (var vector in Wycheproof.Load("chacha20-poly1305"))
        {
            var (key, nonce, data) = (Wycheproof.Hex(vector[2]), Wycheproof.Hex(vector[3]), Wycheproof.Hex(vector[4]));
            if (data.Length > 0 || nonce.Length != Aead.NonceLength)
                continue;
            var (message, cipher, tag) = (Wycheproof.Hex(vector[5]), Wycheproof.Hex(vector[6]), Wycheproof.Hex(vector[7]));
            var salt = BinaryPrimitives.ReadUInt32LittleEndian(nonce);
            var counter = BinaryPrimitives.ReadUInt64LittleEndian(nonce.AsSpan(4));
            using var sealer = BatchAead.Create(implementation, key, CipherDirection.Seal, salt);
            using var opener = BatchAead.Create(implementation, key, CipherDirection.Open, salt);
            foreach (var count in (int[])[1, 2, 4, 8])
            {
                using var memory = new PinnedPackets([.. Enumerable.Repeat(message.Length, count)], new Random(count));
                var packets = memory.With([.. Enumerable.Repeat(counter, count)]);
                foreach (var offset in memory.Offsets)
                {
                    cipher.CopyTo(memory.Bytes[offset..]);
                    tag.CopyTo(memory.Bytes[(offset + cipher.Length)..]);
                }
                var valid = vector[1] == "valid";
                Assert.Equal(valid ? count : 0, opener.Open(packets));
                foreach (var offset in memory.Offsets)
                    Assert.Equal(valid ? message : new byte[message.Length], memory.Bytes.Slice(offset, message.Length).ToArray());
                if (!valid)
                {
                    refused++;
                    continue;
                }
                held++;
                sealer.Seal(packets);
                foreach (var offset in memory.Offsets)
                    Assert.Equal([.. cipher, .. tag], memory.Bytes.Slice(offset, message.Length + BatchAead.TagLength).ToArray());
            }
        }
        Assert.True(held >= 100, $"only {held} held");
        Assert.Equal(0, refused % 4);
    }

    // RFC 8439, A.1: block counter, key, nonce, and the block.
    [Fact]
    public void The_blocks_of_RFC_8439_come_out_of_every_lane()
    {
        var ends = new byte[32];
        ends[31] = 1;
        (uint Counter, byte[] Key, ulong Nonce, string Block)[] vectors =
        [
            (0, new byte[32], 0,
                "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7" +
                "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"),
            (1, new byte[32], 0,
                "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed" +
                "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"),
            (1, ends, 0,
                "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a" +
                "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"),
            (0, new byte[32], 2UL << 56,
                "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7" +
                "8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d"),
        ];
        foreach (var implementation in Kernels.Implementations)
            foreach (var (counter, key, nonce, block) in vectors)
                for (var lane = 0; lane < 16; lane++)
                    if (Kernels.Block(implementation, lane, key, counter, nonce) is { } bytes)
                        Assert.Equal(block, Convert.ToHexStringLower(bytes));
    }

    // RFC 8439, 2.5.2 and A.3: r and s where the arithmetic has its edges.
    [Fact]
    public void Tags_are_what_the_definition_says_at_the_edges_of_the_arithmetic()
    {
        var ones = Enumerable.Repeat((byte)0xff, 16).ToArray();
        byte[][] halves =
        [
            new byte[16], ones, [1, .. new byte[15]], [2, .. new byte[15]], [4, .. new byte[15]], [5, .. new byte[15]],
            [1, 0, 0, 0, 0, 0, 0, 0, 4, .. new byte[7]], Convert.FromHexString("85d6be7857556d337f4452fe42d506a8"),
            [0xfc, 0xff, 0xff, 0x0f, .. new byte[12]], [.. new byte[12], 0xfc, 0xff, 0xff, 0x0f],
        ];
        byte[] fills = [0, 1, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
        var random = new Random(11);
        foreach (var r in halves)
            foreach (var s in (byte[][])[new byte[16], ones])
                foreach (var fill in fills)
                    for (var count = 1; count <= 8; count++)
                    {
                        var texts = Enumerable.Range(0, count).Select(_ => Edge(random.Next(400), fill)).ToArray();
                        var expected = texts.Select(text => Definition(text, r, s)).ToArray();
                        foreach (var implementation in Kernels.Implementations)
                            if (Kernels.Tags(implementation, texts, [.. r, .. s]) is { } tags)
                                Assert.Equal(expected, tags.Select(Convert.ToHexString));
                    }
    }

    // With r = 1 the sum of the blocks itself: two of text and the lengths, 2^128 behind each, from below 2^130 - 5 to above 2^130.
    [Fact]
    public void Sums_beside_the_prime_are_reduced()
    {
        byte[] r = [1, .. new byte[15]];
        for (var beside = -9; beside <= 6; beside++)
            for (var count = 1; count <= 8; count++)
            {
                var first = BigInteger.Pow(2, 128) - 5 + beside - (new BigInteger(32) << 64);
                byte[] text = [.. first.ToByteArray(isUnsigned: true).Concat(new byte[16]).Take(16), .. new byte[16]];
                byte[][] texts = [.. Enumerable.Repeat(text, count)];
                var expected = Definition(text, r, new byte[16]);
                foreach (var implementation in Kernels.Implementations)
                    if (Kernels.Tags(implementation, texts, [.. r, .. new byte[16]]) is { } tags)
                        Assert.All(tags, tag => Assert.Equal(expected, Convert.ToHexString(tag)));
            }
    }

    // Not from the kernels, but from the definition (RFC 8439, 2.5.1); held against its example in 2.5.2.
    [Fact]
    public void The_definition_that_tags_are_held_against_is_that_of_RFC_8439()
    {
        byte[] r = Convert.FromHexString("85d6be7857556d337f4452fe42d506a8"), s = Convert.FromHexString("0103808afb0db2fd4abff6af4149f51b");
        Assert.Equal("A8061DC1305136C6C22B8BAF0C0127A9", Poly1305("Cryptographic Forum Research Group"u8.ToArray(), r, s));
    }

    private static byte[] Edge(int length, byte fill)
    {
        var text = new byte[length];
        text.AsSpan().Fill(0xff);
        if (length > 0)
            text[^1] = text[0] = fill;
        return text;
    }

    private static string Definition(byte[] text, byte[] r, byte[] s) => Poly1305(
        [.. text, .. new byte[(16 - (text.Length % 16)) % 16], .. new byte[8], .. BitConverter.GetBytes((ulong)text.Length)], r, s);

    private static string Poly1305(byte[] message, byte[] r, byte[] s)
    {
        var clamp = BigInteger.Parse("0ffffffc0ffffffc0ffffffc0fffffff", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var (modulus, factor) = (BigInteger.Pow(2, 130) - 5, new BigInteger(r, isUnsigned: true) & clamp);
        var sum = BigInteger.Zero;
        foreach (var block in message.Chunk(16))
            sum = (sum + new BigInteger([.. block, 1], isUnsigned: true)) * factor % modulus;
        var tag = (sum + new BigInteger(s, isUnsigned: true)) % BigInteger.Pow(2, 128);
        return Convert.ToHexString([.. tag.ToByteArray(isUnsigned: true).Concat(new byte[16]).Take(16)]);
    }
}
