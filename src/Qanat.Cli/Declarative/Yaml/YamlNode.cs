namespace Qanat.Cli.Declarative.Yaml;

/// <summary>A value of a YAML document, which knows where it came from.</summary>
internal abstract class YamlNode(Place place)
{
    /// <summary>Where it begins; nowhere when it was not read from a file.</summary>
    public Place Place { get; } = place;

    /// <summary>What it is, for a sentence about what was expected instead.</summary>
    public abstract string Description { get; }
}

/// <summary>A text, which its reader takes for a number or a truth value where it expects one.</summary>
internal sealed class YamlScalar(string text, Place place = default) : YamlNode(place)
{
    /// <summary>The text, quotes and escapes undone.</summary>
    public string Text { get; } = text;

    /// <inheritdoc/>
    public override string Description => Text.Length == 0 ? "nothing" : $"\"{Text}\"";
}

/// <summary>A list.</summary>
internal sealed class YamlList(IReadOnlyList<YamlNode> items, Place place = default) : YamlNode(place)
{
    /// <summary>Its items.</summary>
    public IReadOnlyList<YamlNode> Items { get; } = items;

    /// <inheritdoc/>
    public override string Description => "a list";
}

/// <summary>A mapping, in the order of the file. No key is there twice.</summary>
internal sealed class YamlMap(IReadOnlyList<YamlEntry> entries, Place place = default) : YamlNode(place)
{
    /// <summary>Its keys and their values.</summary>
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;

    /// <inheritdoc/>
    public override string Description => "a mapping";

    /// <summary>The value of a key; null when it has no such key.</summary>
    public YamlNode? Find(string key) => Entries.FirstOrDefault(entry => entry.Key.Text == key)?.Value;
}

/// <summary>A key of a mapping, and its value.</summary>
internal sealed record YamlEntry(YamlScalar Key, YamlNode Value)
{
    /// <summary>One that was not read from a file.</summary>
    public YamlEntry(string key, YamlNode value)
        : this(new YamlScalar(key), value)
    {
    }
}
