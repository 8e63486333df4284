namespace Qanat.WireGuard.Configuration;

/// <summary>What has to be known of a host before an interface is brought up on it.</summary>
public sealed record HostFacts
{
    /// <summary>The table, and the mark, for default routes: the first free one from here on.</summary>
    public const uint FirstTable = 51820;

    /// <summary>For each peer whose endpoint is known: the MTU of its route, or else of the route's device, in bytes.</summary>
    public IReadOnlyList<int> EndpointMtus { get; init; } = [];

    /// <summary>The MTU of the default route, or else of its device, in bytes; null without one.</summary>
    public int? DefaultMtu { get; init; }

    /// <summary>A routing table without routes, <see cref="FirstTable"/> or a later one.</summary>
    public uint FreeTable { get; init; } = FirstTable;

    /// <summary>True when net.ipv4.conf.all.src_valid_mark is 1, and stays so when all interfaces of ours have gone.</summary>
    public bool SourceValidMark { get; init; }

    /// <summary>What resolvconf wants before an interface's name (<c>tun.</c>, of /etc/resolvconf/interface-order), or nothing.</summary>
    public string ResolverPrefix { get; init; } = "";
}
