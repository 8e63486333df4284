using Qanat.Cli.Client;
using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative;

/// <summary>A kind of thing that tunnels need beside them, and that has no device: UDP ports, the tunnels of L2TP.</summary>
/// <param name="Word">What a difference calls it.</param>
/// <param name="Keys">The keys of an item.</param>
/// <param name="Usual">One with all defaults, whose values are not written.</param>
/// <param name="Identity">The same thing with nothing but what tells it from others.</param>
/// <param name="Add">Makes one.</param>
/// <param name="Delete">Deletes one.</param>
internal sealed record SettingKind<T>(
    string Word, KeyTable<T> Keys, T Usual, Func<T, T> Identity, Action<IQanatClient, T> Add, Action<IQanatClient, T> Delete)
    where T : class, IEquatable<T>
{
    /// <summary>The item of a file that describes one.</summary>
    public YamlMap Write(T thing) => Keys.Write(thing, Usual);

    /// <summary>One in words: <c>port 5555 protocol 4</c>.</summary>
    public string Line(T thing) =>
        string.Join(' ', Write(thing).Entries.Select(entry => $"{entry.Key.Text} {YamlWriter.Line(entry.Value)}"));

    /// <summary>The words that tell one from others.</summary>
    public string Name(T thing) => Line(Identity(thing));

    /// <summary>What differs between two, key by key.</summary>
    public IReadOnlyList<ValueChange> Values(T before, T after)
    {
        var (old, @new) = (Keys.Write(before), Keys.Write(after));
        return
        [
            .. from name in old.Entries.Concat(@new.Entries).Select(entry => entry.Key.Text).Distinct()
               where YamlWriter.Differ(old.Find(name), @new.Find(name))
               select new ValueChange(name, TunnelPart.Identity, old.Find(name), @new.Find(name)),
        ];
    }
}
