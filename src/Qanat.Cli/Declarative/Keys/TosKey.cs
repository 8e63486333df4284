using System.Globalization;
using Qanat.Cli.Declarative.Yaml;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative.Keys;

/// <summary>
/// The TOS of outer IPv4 headers, whose bit 0 inherits, or the traffic class of IPv6, all eight bits, with inheritance beside it.
/// </summary>
internal sealed class TosKey(string name) : Key<HostTunnel>(name)
{
    private const string Inherit = "inherit", InheritOr = "inherit/";

    /// <inheritdoc/>
    public override void Read(YamlNode node, HostTunnel target, Mistakes mistakes)
    {
        var text = (node as YamlScalar)?.Text ?? "";
        var isIPv6 = (target.Mode & ModeSet.OverIPv6) != 0;
        var inherits = text == Inherit || text.StartsWith(InheritOr, StringComparison.Ordinal);
        byte value = 0;
        var valid = text == Inherit || Values.TryParseNumber(inherits ? text[InheritOr.Length..] : text, out value);
        if (!valid || (!isIPv6 && (value & 1) != 0))
            mistakes.Expect(node, Name, isIPv6
                ? "a number from 0 to 255, inherit, or inherit/NUMBER,"
                : "an even number from 0 to 254, inherit, or inherit/NUMBER,");
        else if (isIPv6)
            (target.Spec.Tos, IPv6(target.Spec).InheritTrafficClass) = (value, inherits);
        else
            target.Spec.Tos = (byte)(value | (inherits ? 1 : 0));
    }

    /// <inheritdoc/>
    public override YamlNode Write(HostTunnel source)
    {
        var isIPv6 = (source.Mode & ModeSet.OverIPv6) != 0;
        var inherits = isIPv6 ? source.Spec.IPv6?.InheritTrafficClass ?? false : (source.Spec.Tos & 1) != 0;
        var value = isIPv6 ? source.Spec.Tos : source.Spec.Tos & ~1;
        return new YamlScalar((inherits, value) switch
        {
            (true, 0) => Inherit,
            (true, _) => InheritOr + Hex(value),
            (false, 0) => "0",
            _ => Hex(value),
        });
    }

    private static IPv6TunnelSpec IPv6(TunnelSpec spec) => spec.IPv6 ??= new() { EncapLimit = 4 };

    private static string Hex(int value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x2}");
}
