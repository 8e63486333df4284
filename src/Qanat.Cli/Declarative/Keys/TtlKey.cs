using Qanat.Cli.Declarative.Yaml;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>The TTL or hop limit of outer headers. Of VXLAN 0 is the host's own, of the others it is the inner packet's.</summary>
internal sealed class TtlKey() : Key<HostTunnel>("ttl")
{
    private const string Inherit = "inherit";

    /// <inheritdoc/>
    public override void Read(YamlNode node, HostTunnel target, Mistakes mistakes)
    {
        if (!Values.Ttl.TryRead(node, Name, mistakes, out var ttl))
            return;
        target.Spec.Ttl = ttl;
        if (target.Spec.Vxlan is { } vxlan)
            vxlan.InheritTtl = node is YamlScalar { Text: Inherit };
    }

    /// <inheritdoc/>
    public override YamlNode Write(HostTunnel source) =>
        new YamlScalar(source.Spec.Vxlan is { InheritTtl: false } && source.Spec.Ttl == 0 ? "0" : Values.Ttl.Text(source.Spec.Ttl));
}
