using Qanat.Vpn.Storage;
using Qanat.WireGuard.Configuration;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>What the verbs of <c>qanat vpn</c> work with: the real machine, or a test's.</summary>
internal sealed record VpnSurroundings
{
    /// <summary>The folder of all networks.</summary>
    public string Root { get; init; } = VpnDirectory.Root;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How the hub of a network is; null when there is none here that answers.</summary>
    public Func<string, HubStatus?> Hub { get; init; } = HubStatus.Of;

    /// <summary>What devices of this host reach without a gateway.</summary>
    public Func<IReadOnlyList<(string Device, AllowedIp Prefix)>> HostSubnets { get; init; } = Vpn.HostSubnets.List;

    /// <summary>How long a running hub may take to follow a change.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The directory of a network.</summary>
    public VpnDirectory Open(string name) => new(name, Root, Time);

    /// <summary>The time.</summary>
    public DateTimeOffset Now => Time.GetUtcNow();
}
