using System.Diagnostics.CodeAnalysis;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>Reads a text.</summary>
internal delegate bool TryParse<V>(string text, [MaybeNullWhen(false)] out V value);

/// <summary>What a value may be.</summary>
/// <param name="Expected">What is expected, as a sentence names it: <c>true or false</c>.</param>
/// <param name="Parse">Reads it.</param>
/// <param name="Text">Writes it, in one form.</param>
internal sealed record ValueKind<V>(string Expected, TryParse<V> Parse, Func<V, string> Text)
{
    /// <summary>Reads a node, or notes what is expected in its place.</summary>
    /// <param name="node">The node.</param>
    /// <param name="key">Its key.</param>
    /// <param name="mistakes">Where a mistake goes.</param>
    /// <param name="value">The value.</param>
    public bool TryRead(YamlNode node, string key, Mistakes mistakes, [MaybeNullWhen(false)] out V value)
    {
        if (node is YamlScalar scalar && Parse(scalar.Text, out value))
            return true;
        mistakes.Expect(node, key, Expected);
        value = default;
        return false;
    }
}
