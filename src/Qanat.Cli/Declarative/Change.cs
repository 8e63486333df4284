using Qanat.Cli.Declarative.Keys;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative;

/// <summary>What is to be done with a thing.</summary>
internal enum ChangeAction
{
    /// <summary>It is made.</summary>
    Add,

    /// <summary>It gets other values.</summary>
    Change,

    /// <summary>It is deleted and made anew, for the other values cannot be had in place.</summary>
    Recreate,

    /// <summary>It is deleted.</summary>
    Remove,
}

/// <summary>One difference between the file and what is.</summary>
/// <param name="Action">What is to be done.</param>
internal abstract record Change(ChangeAction Action)
{
    /// <summary>A sign and words, a line without its end.</summary>
    public abstract override string ToString();

    /// <summary>The sign of the action.</summary>
    protected char Sign => Action switch
    {
        ChangeAction.Add => '+',
        ChangeAction.Remove => '-',
        _ => '~',
    };
}

/// <summary>A difference of a tunnel, or of what its device has.</summary>
/// <param name="Action">What is to be done.</param>
/// <param name="Device">The tunnel, which is its device.</param>
internal abstract record DeviceChange(ChangeAction Action, string Device) : Change(Action);

/// <summary>A difference of a tunnel.</summary>
/// <param name="Action">What is to be done.</param>
/// <param name="Tunnel">The tunnel, as wanted, or as it is when it is to go.</param>
/// <param name="Values">The values that differ, when it is there already; none when it goes with something that is made anew.</param>
internal sealed record TunnelChange(ChangeAction Action, HostTunnel Tunnel, IReadOnlyList<ValueChange> Values)
    : DeviceChange(Action, Tunnel.Name)
{
    /// <summary>True when the tunnel itself differs, not its device alone.</summary>
    public bool IsOfTunnel => Values.Any(value => value.Part != TunnelPart.Link);

    /// <summary>True when the device is to get an MTU, or to be switched on or off.</summary>
    public bool IsOfLink => Action is ChangeAction.Add or ChangeAction.Recreate || Values.Any(value => value.Part == TunnelPart.Link);

    /// <inheritdoc/>
    public override string ToString() => Action switch
    {
        ChangeAction.Add => $"+ tunnel {Device} {DocumentWriter.Line(Tunnel)}",
        ChangeAction.Remove => $"- tunnel {Device}",
        ChangeAction.Recreate when Values.Count == 0 => $"~ tunnel {Device} (made anew)",
        ChangeAction.Recreate => $"~ tunnel {Device}: {string.Join(", ", Values)} (made anew)",
        _ => $"~ tunnel {Device}: {string.Join(", ", Values)}",
    };
}

/// <summary>A value of a tunnel that differs: <c>ttl 64 -> 128</c>.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Part">What the key is about.</param>
/// <param name="Old">What it is; null for none.</param>
/// <param name="New">What it is to be; null for none.</param>
internal sealed record ValueChange(string Key, TunnelPart Part, YamlNode? Old, YamlNode? New)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key} {Text(Old)} -> {Text(New)}";

    private static string Text(YamlNode? node) => node is null ? "none" : YamlWriter.Line(node);
}

/// <summary>An address that is to be added or removed.</summary>
internal sealed record AddressChange(ChangeAction Action, string Device, HostAddress Address) : DeviceChange(Action, Device)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Sign} address {Address} dev {Device}";
}

/// <summary>A route that is to be added or removed.</summary>
internal sealed record RouteChange(ChangeAction Action, string Device, HostRoute Route) : DeviceChange(Action, Device)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Sign} route {Route} dev {Device}";
}

/// <summary>An entry of a forwarding table that is to be added or removed.</summary>
internal sealed record ForwardingChange(ChangeAction Action, string Device, FdbEntry Entry) : DeviceChange(Action, Device)
{
    /// <summary>True when the address may have several destinations; otherwise an entry takes the place of another.</summary>
    public bool IsOfGroup => ForwardingKeys.IsGroup(Entry);

    /// <inheritdoc/>
    public override string ToString() => $"{Sign} fdb {ForwardingKeys.Text(Entry)} dev {Device}";
}
