namespace Qanat.Packets.Tests.Checksums;

/// <summary>The Internet checksum as RFC 1071 writes it, a word at a time: what the fast one is measured against.</summary>
internal static class NaiveChecksum
{
    public static ushort Sum(params ReadOnlySpan<byte> data)
    {
        ulong sum = 0;
        for (var i = 0; i < data.Length; i++)
            sum += Weigh(data[i], i);
        return Fold(sum);
    }

    /// <summary>What a byte at an offset adds to the sum.</summary>
    public static ulong Weigh(byte value, int offset) => (ulong)value << (offset % 2 == 0 ? 8 : 0);

    public static ushort Fold(ulong sum)
    {
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    public static ushort Compute(params ReadOnlySpan<byte> data) => (ushort)~Sum(data);
}
