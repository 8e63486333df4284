using System.Buffers.Binary;
using Qanat.Packets;

namespace Qanat.Hosts;

/// <summary>IPv4 options (RFC 791, 3.1), as far as a host has to do with them: net/ipv4/ip_options.c.</summary>
/// <remarks>
/// All but the first two have a length, which counts type and length themselves:
/// <code>
/// +---------------+---------------+---------------+---------------+-------------
/// |     Type      |    Length     |  Pointer (1)  | Timestamp: overflow (4 bits), flags (4)
/// +---------------+---------------+---------------+---------------+-------------
/// </code>
/// </remarks>
internal static class IPv4Options
{
    private const byte End = 0, NoOperation = 1, RecordRoute = 7, Timestamp = 68, LooseRoute = 131, StrictRoute = 137, RouterAlert = 148;
    private const int TimeOnly = 0, TimeAndAddress = 1, TimeOfNamed = 3;
    private const int PointerAt = 2, FlagsAt = 3;

    /// <summary>Where the byte is that makes no sense, for ICMP's parameter problem; null when all do.</summary>
    public static int? FindProblem(ReadOnlySpan<byte> options)
    {
        var (hasRoute, hasTime, hasSource) = (false, false, false);
        for (var at = 0; at < options.Length && options[at] != End;)
        {
            if (options[at] == NoOperation)
            {
                at++;
                continue;
            }
            var rest = options[at..];
            if (rest.Length < 2 || rest[1] < 2 || rest[1] > rest.Length)
                return at;
            ref var seen = ref hasRoute;
            switch (rest[0])
            {
                case RecordRoute: break;
                case Timestamp: seen = ref hasTime; break;
                case LooseRoute or StrictRoute: seen = ref hasSource; break;
                case RouterAlert when rest[1] < 4: return at + 1;
                default: at += rest[1]; continue;
            }
            if (seen)
                return at;
            seen = true;
            if (FindProblemInside(rest[..rest[1]]) is { } inside)
                return at + inside;
            at += rest[1];
        }
        return null;
    }

    /// <summary>True when the sender wants to choose the way. The options must make sense.</summary>
    public static bool HasSourceRoute(ReadOnlySpan<byte> options)
    {
        while (TryNext(ref options, out var option))
            if (option[0] is LooseRoute or StrictRoute)
                return true;
        return false;
    }

    /// <summary>
    /// Writes the options of an answer: the record of the route, then that of times, each with an entry for the way here and
    /// one for the way back where there is room (ip_options_echo). The options must make sense.
    /// </summary>
    /// <returns>Bytes that were written: a multiple of 4.</returns>
    public static int Echo(ReadOnlySpan<byte> options, IPv4Address own, uint milliseconds, Span<byte> answer)
    {
        var length = 0;
        foreach (var wanted in (ReadOnlySpan<byte>)[RecordRoute, Timestamp])
        {
            var left = options;
            while (TryNext(ref left, out var option))
            {
                if (option[0] != wanted)
                    continue;
                var copy = answer.Slice(length, option.Length);
                option.CopyTo(copy);
                if (!TryRecord(copy, own, milliseconds) && wanted == Timestamp && copy[FlagsAt] < 0xF0)
                    copy[FlagsAt] += 0x10;
                TryRecord(copy, own, milliseconds);
                length += copy.Length;
            }
        }
        for (; length % 4 != 0; length++)
            answer[length] = End;
        return length;
    }

    // Within one option that keeps records: its length, its pointer, and that an entry fits where the pointer is.
    private static int? FindProblemInside(ReadOnlySpan<byte> option)
    {
        var isTime = option[0] == Timestamp;
        var first = isTime ? 5 : 4;
        if (option.Length < first - 1)
            return 1;
        int pointer = option[PointerAt];
        if (pointer < first)
            return PointerAt;
        var isFull = pointer > option.Length;
        if (isTime && isFull)
            return option[FlagsAt] >> 4 == 15 && (option[FlagsAt] & 0xF) != TimeOfNamed ? FlagsAt : null;
        var entry = isTime && (option[FlagsAt] & 0xF) is TimeAndAddress or TimeOfNamed ? 8 : 4;
        return !isFull && pointer - 1 + entry > option.Length ? PointerAt : null;
    }

    // False when there is no room.
    private static bool TryRecord(Span<byte> option, IPv4Address own, uint milliseconds)
    {
        var flags = option[0] == Timestamp ? option[FlagsAt] & 0xF : TimeOnly;
        var entry = flags == TimeOnly ? 4 : 8;
        var at = option[PointerAt] - 1;
        if (at + entry > option.Length)
            return false;
        if (flags == TimeOfNamed && IPv4Address.Read(option[at..]) != own || flags is not (TimeOnly or TimeAndAddress or TimeOfNamed))
            return true;
        if (option[0] == RecordRoute || flags == TimeAndAddress)
            own.Write(option[at..]);
        if (option[0] == Timestamp)
            BinaryPrimitives.WriteUInt32BigEndian(option[(at + entry - 4)..], milliseconds);
        option[PointerAt] += (byte)entry;
        return true;
    }

    private static bool TryNext(ref ReadOnlySpan<byte> options, out ReadOnlySpan<byte> option)
    {
        while (options is [NoOperation, ..])
            options = options[1..];
        option = options is [not End, var length, ..] && length <= options.Length ? options[..length] : [];
        options = options[option.Length..];
        return option.Length >= 2;
    }
}
