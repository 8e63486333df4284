using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// The two codes at the end of an initiation or a response (whitepaper, 5.4.4): mac1 is of all that is in front of it, mac2 of
/// that and mac1.
/// </summary>
internal static class Macs
{
    public const int Size = 2 * Blake2sMac.Length;

    public static ReadOnlySpan<byte> BeforeMac1(ReadOnlySpan<byte> message) => message[..^Size];

    public static ReadOnlySpan<byte> Mac1(ReadOnlySpan<byte> message) => message[^Size..^Blake2sMac.Length];

    public static ReadOnlySpan<byte> BeforeMac2(ReadOnlySpan<byte> message) => message[..^Blake2sMac.Length];

    public static ReadOnlySpan<byte> Mac2(ReadOnlySpan<byte> message) => message[^Blake2sMac.Length..];
}
