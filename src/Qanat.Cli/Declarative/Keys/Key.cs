using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>A key of a mapping in the file: sets a part of a thing, and tells it again.</summary>
/// <typeparam name="T">The thing that the mapping describes.</typeparam>
internal abstract class Key<T>(string name)
{
    /// <summary>Its name, with which it is written.</summary>
    public string Name { get; } = name;

    /// <summary>Other names that it is read by.</summary>
    public IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>Reads its value into the thing, or notes what is wrong with it.</summary>
    public abstract void Read(YamlNode node, T target, Mistakes mistakes);

    /// <summary>What the file would say of the thing; null when there is nothing to say.</summary>
    public abstract YamlNode? Write(T source);
}

/// <summary>A key with one value.</summary>
/// <param name="name">Its name.</param>
/// <param name="kind">What its value may be.</param>
/// <param name="get">Takes it from the thing; null for none.</param>
/// <param name="set">Gives it to the thing.</param>
internal sealed class ScalarKey<T, V>(string name, ValueKind<V> kind, Func<T, V?> get, Action<T, V> set) : Key<T>(name)
{
    /// <inheritdoc/>
    public override void Read(YamlNode node, T target, Mistakes mistakes)
    {
        if (kind.TryRead(node, Name, mistakes, out var value))
            set(target, value);
    }

    /// <inheritdoc/>
    public override YamlNode? Write(T source) => get(source) is { } value ? new YamlScalar(kind.Text(value)) : null;
}

/// <summary>The same for values that may be absent, and are structs.</summary>
internal sealed class OptionalKey<T, V>(string name, ValueKind<V> kind, Func<T, V?> get, Action<T, V> set) : Key<T>(name)
    where V : struct
{
    /// <inheritdoc/>
    public override void Read(YamlNode node, T target, Mistakes mistakes)
    {
        if (kind.TryRead(node, Name, mistakes, out var value))
            set(target, value);
    }

    /// <inheritdoc/>
    public override YamlNode? Write(T source) => get(source) is { } value ? new YamlScalar(kind.Text(value)) : null;
}

/// <summary>A key whose value is for both ways, or a mapping with <c>input</c> and <c>output</c>.</summary>
internal sealed class PairKey<T, V>(
    string name, ValueKind<V> kind, Func<T, V?> getInput, Action<T, V> setInput, Func<T, V?> getOutput, Action<T, V> setOutput)
    : Key<T>(name)
    where V : struct
{
    private readonly KeyTable<T> _ways = new(
        [new OptionalKey<T, V>("input", kind, getInput, setInput), new OptionalKey<T, V>("output", kind, getOutput, setOutput)]);

    /// <inheritdoc/>
    public override void Read(YamlNode node, T target, Mistakes mistakes)
    {
        if (node is YamlMap map)
        {
            _ways.Read(map, target, Name, mistakes);
        }
        else if (kind.TryRead(node, Name, mistakes, out var value))
        {
            setInput(target, value);
            setOutput(target, value);
        }
    }

    /// <inheritdoc/>
    public override YamlNode? Write(T source)
    {
        var (input, output) = (getInput(source), getOutput(source));
        if (!Equals(input, output))
            return _ways.Write(source);
        return input is { } value ? new YamlScalar(kind.Text(value)) : null;
    }
}

/// <summary>A key whose value is a mapping with keys of its own.</summary>
/// <typeparam name="T">The thing.</typeparam>
/// <typeparam name="U">The part of it that the mapping describes.</typeparam>
/// <param name="name">Its name.</param>
/// <param name="keys">The keys of the mapping.</param>
/// <param name="get">Takes the part from the thing; null for none.</param>
/// <param name="make">A part with all defaults, whose values are not written.</param>
/// <param name="set">Gives the part to the thing.</param>
/// <param name="required">Keys that may not be missing.</param>
internal sealed class GroupKey<T, U>(
    string name, IReadOnlyList<Key<U>> keys, Func<T, U?> get, Func<U> make, Action<T, U> set, params string[] required) : Key<T>(name)
    where U : class
{
    private readonly KeyTable<U> _table = new(keys);

    /// <inheritdoc/>
    public override void Read(YamlNode node, T target, Mistakes mistakes)
    {
        if (node is not YamlMap map)
        {
            mistakes.Expect(node, Name, $"a mapping of {string.Join(", ", keys.Select(key => key.Name))}");
            return;
        }
        var part = make();
        _table.Read(map, part, Name, mistakes);
        foreach (var missing in required.Where(key => map.Find(key) is null))
            mistakes.Add(map.Place, $"{Name}: the key \"{missing}\" is expected, and missing");
        set(target, part);
    }

    /// <inheritdoc/>
    public override YamlNode? Write(T source) => get(source) is { } part ? _table.Write(part, make()) : null;
}

/// <summary>A key whose value is a list.</summary>
internal sealed class ListKey<T>(
    string name, string expected, Action<YamlNode, T, Mistakes> readItem, Func<T, IEnumerable<YamlNode>> write) : Key<T>(name)
{
    /// <inheritdoc/>
    public override void Read(YamlNode node, T target, Mistakes mistakes)
    {
        if (node is not YamlList list)
        {
            mistakes.Expect(node, Name, expected);
            return;
        }
        foreach (var item in list.Items)
            readItem(item, target, mistakes);
    }

    /// <inheritdoc/>
    public override YamlNode? Write(T source) => write(source).ToList() is { Count: > 0 } items ? new YamlList(items) : null;
}
