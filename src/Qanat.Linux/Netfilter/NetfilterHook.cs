using System.Diagnostics.CodeAnalysis;
using Qanat.Linux.Netlink;
using static Qanat.Linux.Interop.Nfnetlink;

namespace Qanat.Linux.Netfilter;

/// <summary>
/// A function that netfilter calls for packets: an nftables chain, an iptables table, connection tracking, NAT. It has
/// nothing to tell but that it is there.
/// </summary>
/// <remarks>Source: net/netfilter/nfnetlink_hook.c.</remarks>
internal sealed class NetfilterHook : INetlinkParsable<NetfilterHook>
{
    private static readonly NetfilterHook s_some = new();

    private NetfilterHook()
    {
    }

    /// <summary>Reads a NFNL_MSG_HOOK_GET; a security module's hook is passed over.</summary>
    /// <remarks>
    /// Most distributions have one in each namespace (apparmor_ip_postroute, selinux_ip_output, smack_ip_output). It acts on
    /// marks (secmark) that only netfilter's rules give, and on labelled IPsec; both are seen without it.
    /// </remarks>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out NetfilterHook? value)
    {
        value = null;
        if (message.Type != Type(NFNL_SUBSYS_HOOK, NFNL_MSG_HOOK_GET) || !message.TryRead(out nfgenmsg _, out var attributes))
            return false;
        foreach (var attribute in attributes)
            if (attribute.Type == NFNLA_HOOK_FUNCTION_NAME && IsSecurityModule(attribute.Value))
                return false;
        value = s_some;
        return true;
    }

    private static bool IsSecurityModule(ReadOnlySpan<byte> function) =>
        function.StartsWith("apparmor_"u8) || function.StartsWith("selinux_"u8) || function.StartsWith("smack_"u8);
}

/// <summary>An nftables table whose chains may see IPv4 packets; it has nothing to tell but that it is there.</summary>
/// <remarks>Source: net/netfilter/nf_tables_api.c.</remarks>
internal sealed class NetfilterTable : INetlinkParsable<NetfilterTable>
{
    private static readonly NetfilterTable s_some = new();

    private NetfilterTable()
    {
    }

    /// <summary>Reads a NFT_MSG_NEWTABLE; tables of other families are passed over.</summary>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out NetfilterTable? value)
    {
        value = message.Type == Type(NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWTABLE) && message.TryRead(out nfgenmsg header, out _) &&
            header.nfgen_family is NFPROTO_INET or NFPROTO_IPV4 or NFPROTO_NETDEV ? s_some : null;
        return value is not null;
    }
}
