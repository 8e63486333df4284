namespace Qanat.WireGuard;

/// <summary>
/// Fills a span with random bytes. Where none is given it is <see cref="Qanat.Crypto.RandomBytes.Fill"/>; a test gives one that
/// it can foretell.
/// </summary>
/// <param name="destination">What is filled.</param>
public delegate void RandomSource(Span<byte> destination);
