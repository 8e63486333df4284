using Qanat.Testing;

namespace Qanat.WireGuard.Tests;

/// <summary>A handshake that another implementation has computed: <c>Vectors/handshake.txt</c>, which says how.</summary>
internal static class HandshakeVectors
{
    public const uint InitiatorsIndex = 0x0102_0304, RespondersIndex = 0xF1F2_F3F4;

    private static readonly Dictionary<string, byte[]> s_values = File
        .ReadLines(Repository.PathOf("tests/Qanat.WireGuard.Tests/Vectors/handshake.txt"))
        .Where(line => line[0] != '#').Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => Convert.FromHexString(parts[1]));

    public static byte[] Get(string name) => [.. s_values[name]];
}
