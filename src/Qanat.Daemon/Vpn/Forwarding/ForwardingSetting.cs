namespace Qanat.Daemon.Vpn.Forwarding;

/// <summary>A setting of the kernel's that was changed for a hub's sake, and is to be put back.</summary>
/// <param name="Path">The setting: <c>net/ipv4/conf/eth0/forwarding</c>.</param>
/// <param name="IsIPv6">Of which family it is.</param>
/// <param name="Device">The device that it is about; null for all of them.</param>
/// <param name="Everyone">
/// The setting that, when it is written, sets this one of every device: somebody who changes it means this one too. Null for none.
/// </param>
/// <param name="EveryoneBefore">That one's value before ours was changed.</param>
internal sealed record ForwardingSetting(string Path, bool IsIPv6, string? Device, string? Everyone, string? EveryoneBefore)
{
    /// <summary>What it was, and what it is while the hub is up.</summary>
    public const string Off = "0", On = "1";
}
