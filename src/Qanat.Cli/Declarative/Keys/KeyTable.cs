using System.Diagnostics.CodeAnalysis;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The keys that a mapping may have.</summary>
internal sealed class KeyTable<T>
{
    private readonly IReadOnlyList<Key<T>> _keys;
    private readonly Dictionary<string, Key<T>> _byName = new(StringComparer.Ordinal);

    /// <summary>A table of keys, in the order in which they are written.</summary>
    public KeyTable(IReadOnlyList<Key<T>> keys)
    {
        _keys = keys;
        foreach (var key in keys)
            foreach (var name in key.OtherNames.Prepend(key.Name))
                _byName.Add(name, key);
    }

    /// <summary>Every name that is read.</summary>
    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>The key of a name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Key<T>? key) => _byName.TryGetValue(name, out key);

    /// <summary>Reads a mapping into a thing. A key that is not known is a mistake.</summary>
    /// <param name="map">The mapping.</param>
    /// <param name="target">The thing.</param>
    /// <param name="what">What the mapping is, for the mistakes.</param>
    /// <param name="mistakes">Where they go.</param>
    public void Read(YamlMap map, T target, string what, Mistakes mistakes)
    {
        var seen = new HashSet<Key<T>>();
        foreach (var (name, value) in map.Entries)
        {
            if (!TryGet(name.Text, out var key))
                mistakes.Add(name.Place, Unknown(name.Text, what));
            else if (!seen.Add(key))
                mistakes.Add(
                    name.Place, $"{what}: \"{name.Text}\" is another name of \"{key.Name}\", which is here; one of them is expected");
            else
                key.Read(value, target, mistakes);
        }
    }

    /// <summary>The sentence about a key that is not known.</summary>
    public string Unknown(string name, string what) =>
        $"{what}: there is no key \"{name}\"; is \"{Spelling.Nearest(name, Names)}\" meant?";

    /// <summary>The mapping that describes a thing: all that there is to say, or what differs from one that has all defaults.</summary>
    public YamlMap Write(T source, T? defaults = default)
    {
        var entries = new List<YamlEntry>();
        foreach (var key in _keys)
            if (key.Write(source) is { } node && (defaults is null || YamlWriter.Differ(node, key.Write(defaults))))
                entries.Add(new(key.Name, node));
        return new(entries);
    }
}
