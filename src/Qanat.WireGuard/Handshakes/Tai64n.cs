using System.Buffers.Binary;

namespace Qanat.WireGuard;

/// <summary>
/// A moment as an initiation carries it: TAI64N (https://cr.yp.to/libtai/tai64.html), whose nanoseconds are cut down to steps of
/// 2^24, about 17 ms, so that nobody learns from it how long things take here.
/// </summary>
/// <param name="Seconds">Seconds of TAI since 1970, on top of 2^62.</param>
/// <param name="Nanoseconds">Nanoseconds of the second.</param>
internal readonly record struct Tai64n(ulong Seconds, uint Nanoseconds) : IComparable<Tai64n>
{
    public const int Size = 12;

    private const ulong UnixEpoch = (1UL << 62) + 10; // what the kernel and everyone else take it to be, without leap seconds
    private const uint Step = 1 << 24, NanosecondsPerSecond = 1_000_000_000;

    public static Tai64n From(DateTimeOffset moment)
    {
        var seconds = moment.ToUnixTimeSeconds();
        var nanoseconds = (uint)((moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks - seconds * TimeSpan.TicksPerSecond) * 100);
        return new(unchecked(UnixEpoch + (ulong)seconds), nanoseconds & ~(Step - 1));
    }

    /// <summary>The next that can be told from this one.</summary>
    public Tai64n Next() =>
        Nanoseconds + Step < NanosecondsPerSecond ? this with { Nanoseconds = Nanoseconds + Step } : new(Seconds + 1, 0);

    public int CompareTo(Tai64n other) => (Seconds, Nanoseconds).CompareTo((other.Seconds, other.Nanoseconds));

    public static Tai64n Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[sizeof(ulong)..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Seconds);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[sizeof(ulong)..], Nanoseconds);
    }
}
