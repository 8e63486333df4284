using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Qanat.Packets.Tests.Checksums;

public class InternetChecksumTests
{
    private static readonly byte[] _noise = Noise(2048 + 65, seed: 1);

    [Fact]
    public void The_example_of_rfc_1071_section_3_sums_to_ddf2()
        => Assert.Equal(0xDDF2u, InternetChecksum.Sum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]));

    [Fact]
    public void A_real_ipv4_header_verifies()
    {
        var header = Convert.FromHexString("45000073000040004011b861c0a80001c0a800c7");
        Assert.Equal(0, InternetChecksum.Compute(header));
        header.AsSpan(10, 2).Clear();
        Assert.Equal(0xB861, InternetChecksum.Compute(header));
    }

    [Fact]
    public void Every_length_at_every_alignment_equals_the_naive_sum()
    {
        for (var offset = 0; offset < 64; offset++)
        {
            ulong naive = 0;
            for (var length = 0; length <= 2048; naive += NaiveChecksum.Weigh(_noise[offset + length], length), length++)
                Assert.Equal(NaiveChecksum.Fold(naive), InternetChecksum.Sum(_noise.AsSpan(offset, length)));
        }
    }

    [Fact]
    public void Every_length_is_copied_whole_and_nothing_beside_it()
    {
        var destination = new byte[2048 + 128];
        for (var length = 0; length <= 2048; length++)
        {
            var (from, to) = (length * 7 % 64, 1 + length * 5 % 63);
            destination.AsSpan().Fill(0xA5);
            var source = _noise.AsSpan(from, length);
            Assert.Equal(NaiveChecksum.Sum(source), InternetChecksum.CopyAndSum(source, destination.AsSpan(to)));
            Assert.True(source.SequenceEqual(destination.AsSpan(to, length)));
            Assert.False(destination.AsSpan(0, to).ContainsAnyExcept((byte)0xA5));
            Assert.False(destination.AsSpan(to + length).ContainsAnyExcept((byte)0xA5));
        }
    }

    [Fact]
    public void Random_big_blocks_equal_the_naive_sum()
    {
        var random = new Random(2);
        var big = Noise(1 << 20, seed: 3);
        for (var i = 0; i < 40; i++)
        {
            var start = random.Next(big.Length / 2);
            var block = big.AsSpan(start, random.Next(big.Length - start));
            Assert.Equal(NaiveChecksum.Sum(block), InternetChecksum.Sum(block));
        }
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xFF)]
    public void Blocks_of_one_byte_value_carry_rightly(byte value)
    {
        var block = new byte[200_000];
        block.AsSpan().Fill(value);
        foreach (var length in (int[])[0, 1, 2, 3, 20, 63, 64, 65, 127, 128, 65535, 65536, 200_000])
            Assert.Equal(NaiveChecksum.Sum(block.AsSpan(0, length)), InternetChecksum.Sum(block.AsSpan(0, length)));
    }

    [Fact]
    public void Copying_into_too_short_a_destination_throws_and_writes_nothing()
    {
        var destination = new byte[9];
        Assert.Throws<ArgumentException>(() => InternetChecksum.CopyAndSum(_noise.AsSpan(0, 10), destination));
        Assert.False(destination.AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Copying_in_place_sums_and_changes_nothing()
    {
        var bytes = _noise.AsSpan(3, 1501).ToArray();
        Assert.Equal(NaiveChecksum.Sum(bytes), InternetChecksum.CopyAndSum(bytes, bytes));
        Assert.True(_noise.AsSpan(3, 1501).SequenceEqual(bytes));
    }

    [Fact]
    public void Sums_of_two_parts_compose_at_even_and_odd_offsets() => Prop.ForAll<byte[], byte[]>((head, tail) =>
    {
        var rest = InternetChecksum.Sum(tail);
        var sum = InternetChecksum.Sum(head) + (head.Length % 2 == 0 ? rest : InternetChecksum.AtOddOffset(rest));
        return NaiveChecksum.Sum([.. head, .. tail]) == InternetChecksum.Fold(sum);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(0xFFFFu, 0xFFFF)]
    [InlineData(0x10000u, 1)]
    [InlineData(0x1FFFFu, 1)]
    [InlineData(0xFFFF0000u, 0xFFFF)]
    [InlineData(0xFFFFFFFFu, 0xFFFF)]
    public void Fold_adds_every_carry_in(uint sum, ushort expected)
    {
        Assert.Equal(expected, InternetChecksum.Fold(sum));
        Assert.Equal((ushort)~expected, InternetChecksum.Finish(sum));
        Assert.Equal(expected == 0xFFFF, InternetChecksum.IsValid(sum));
    }

    [Fact]
    public void The_pseudo_header_over_ipv4_is_its_twelve_bytes_summed() => Prop.ForAll<uint, uint, ushort>((source, destination, length) =>
    {
        var header = new byte[12];
        new IPv4Address(source).Write(header);
        new IPv4Address(destination).Write(header.AsSpan(4));
        header[9] = 17;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), length);
        return NaiveChecksum.Sum(header) ==
            InternetChecksum.PseudoHeader(new IPv4Address(source), new IPv4Address(destination), IpProtocol.Udp, length);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(20)]
    [InlineData(65535)]
    [InlineData(70000)]
    public void The_pseudo_header_over_ipv6_is_its_forty_bytes_summed(int length)
    {
        var header = Noise(40, seed: length);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(32), length);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(36), 6);
        var (source, destination) = (IPv6Address.Read(header), IPv6Address.Read(header.AsSpan(16)));
        Assert.Equal(NaiveChecksum.Sum(header), InternetChecksum.PseudoHeader(source, destination, IpProtocol.Tcp, length));
    }

    [Fact]
    public void Update_equals_summing_anew() => Prop.ForAll<byte[], ushort, uint>((tail, word, longWord) =>
    {
        byte[] data = [0x45, 0, 1, 2, 3, 4, .. tail];
        var checksum = NaiveChecksum.Compute(data);
        var before16 = BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(4));
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), word);
        var first = InternetChecksum.Update(checksum, before16, word) == NaiveChecksum.Compute(data);

        checksum = NaiveChecksum.Compute(data);
        var before32 = BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(2));
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(2), longWord);
        return first && InternetChecksum.Update(checksum, before32, longWord) == NaiveChecksum.Compute(data);
    }).QuickCheckThrowOnFailure();

    // RFC 1624 section 4: the case that equation 4 gets wrong (0xFFFF), and equation 3 right.
    [Fact]
    public void Update_gives_zero_where_rfc_1624_says_zero()
        => Assert.Equal(0x0000, InternetChecksum.Update(0xDD2F, (ushort)0x5555, (ushort)0x3285));

    [Theory]
    [InlineData(0x0000, 0xFFFF, 0x0000)]
    [InlineData(0x0000, 0x0000, 0xFFFF)]
    [InlineData(0xFFFF, 0x0000, 0x0001)]
    [InlineData(0xFFFE, 0x0001, 0x0000)]
    public void Update_at_the_two_zeros_still_verifies(ushort checksum, ushort before, ushort after)
    {
        // What the rest of the data sums to, given that the checksum was right.
        var rest = (ushort)~checksum + (uint)(ushort)~before;
        Assert.True(InternetChecksum.IsValid(rest + after + InternetChecksum.Update(checksum, before, after)));
    }

    private static byte[] Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
