using Qanat.Daemon.Api;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>
/// The fallback devices (<c>tunl0</c>, <c>gre0</c>, <c>sit0</c> ...), which the kernel's modules make as they are loaded. They take
/// what no other tunnel takes.
/// </summary>
internal static class Fallbacks
{
    /// <summary>The variable that asks for them: <c>QANAT_FALLBACK=1</c>.</summary>
    public const string Variable = "QANAT_FALLBACK";

    private const byte SitTtl = 64;

    /// <summary>Whether the environment asks for them.</summary>
    public static bool AskedFor => Environment.GetEnvironmentVariable(Variable) is "1";

    /// <summary>The fallback device of a mode, as the kernel makes it; null when it has none.</summary>
    public static TunnelSpec? Of(TunnelMode mode)
    {
        var facts = ModeFacts.Of(mode);
        if (facts.Fallback is not { } name)
            return null;
        return new()
        {
            Name = name,
            Mode = facts.Table switch
            {
                TunnelTableKind.Sit => "sit",
                TunnelTableKind.Ip6Tnl => "ip6ip6",
                _ => facts.Word,
            },
            Inner = facts.Word == "ipip" ? "any" : null,
            Ttl = facts.Table == TunnelTableKind.Sit ? SitTtl : (byte)0,
            Pmtudisc = false,
            IPv6 = facts.OverIPv6 == true ? new() { EncapLimit = 0 } : null,
        };
    }
}
