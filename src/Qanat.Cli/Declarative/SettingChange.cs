using Qanat.Cli.Client;
using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative;

/// <summary>A difference of something beside the tunnels. It has all its values for life: another one is made in its place.</summary>
/// <param name="Action">What is to be done.</param>
/// <param name="Word">What kind of thing it is.</param>
/// <param name="Name">Which one.</param>
/// <param name="Thing">The thing as wanted, or as it is when it is to go.</param>
/// <param name="Values">The values that differ, when it is there already.</param>
internal abstract record SettingChange(
    ChangeAction Action, string Word, string Name, YamlMap Thing, IReadOnlyList<ValueChange> Values) : Change(Action)
{
    /// <summary>True when what is there must go.</summary>
    public bool Deletes => Action is ChangeAction.Remove or ChangeAction.Recreate;

    /// <summary>True when it is to be made.</summary>
    public bool Adds => Action is ChangeAction.Add or ChangeAction.Recreate;

    /// <summary>Makes it.</summary>
    /// <exception cref="ApiException">The daemon refused.</exception>
    public abstract void Add(IQanatClient client);

    /// <summary>Deletes what is there.</summary>
    /// <exception cref="ApiException">The daemon refused.</exception>
    public abstract void Delete(IQanatClient client);
}

/// <summary>A difference of something of a kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Action">What is to be done.</param>
/// <param name="Setting">The thing as wanted, or as it is when it is to go.</param>
/// <param name="Values">The values that differ, when it is there already.</param>
internal sealed record SettingChange<T>(SettingKind<T> Kind, ChangeAction Action, T Setting, IReadOnlyList<ValueChange> Values)
    : SettingChange(Action, Kind.Word, Kind.Name(Setting), Kind.Write(Setting), Values)
    where T : class, IEquatable<T>
{
    /// <inheritdoc/>
    public override void Add(IQanatClient client) => Kind.Add(client, Setting);

    /// <inheritdoc/>
    public override void Delete(IQanatClient client) => Kind.Delete(client, Setting);

    /// <inheritdoc/>
    public override string ToString() => Action switch
    {
        ChangeAction.Add => $"+ {Kind.Word} {Kind.Line(Setting)}",
        ChangeAction.Remove => $"- {Kind.Word} {Name}",
        _ => $"~ {Kind.Word} {Name}: {string.Join(", ", Values)} (made anew)",
    };
}
