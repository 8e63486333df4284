using Qanat.Testing;

namespace Qanat.Crypto.Tests;

/// <summary>The vectors of Project Wycheproof in <c>Vectors/</c>, whose README says where they are from.</summary>
internal static class Wycheproof
{
    /// <summary>The tests of a file: what is in its columns, bytes in hex.</summary>
    public static IEnumerable<string[]> Load(string name)
    {
        foreach (var line in File.ReadLines(Repository.PathOf($"tests/Qanat.Crypto.Tests/Vectors/{name}.txt")).Skip(1))
            yield return [.. line.Split(' ').Select(column => column == "-" ? "" : column)];
    }

    public static byte[] Hex(string text) => Convert.FromHexString(text);
}
