using System.Globalization;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The kernel's network settings, <c>/proc/sys/net</c>, of the network namespace.</summary>
/// <param name="read">Reads one, by its path below <c>/proc/sys</c>; null when there is none.</param>
internal sealed class Sysctls(Func<string, string?> read)
{
    /// <summary>What a host has that nobody has configured.</summary>
    public static Sysctls Default { get; } = new(path => path.EndsWith("/forwarding", StringComparison.Ordinal) ? "1" : "0");

    /// <summary>The name of a device's setting, as sysctl(8) takes it: dots in the device's name are slashes there.</summary>
    public static string NameOf(string family, string device, string setting) => $"net.{family}.conf.{device.Replace('.', '/')}.{setting}";

    /// <summary>A number; null when the kernel has no such setting, or it is no number.</summary>
    public int? Number(string path) =>
        int.TryParse(read(path)?.TrimEnd(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whether the kernel has IPv6 at all.</summary>
    public bool HasIPv6 => Number("net/ipv6/conf/all/disable_ipv6") is not null;

    /// <summary>Whether IPv6 is switched off on a device; false where the kernel has none.</summary>
    public bool IsIPv6Disabled(string device) => Number($"net/ipv6/conf/{device}/disable_ipv6") is > 0;

    /// <summary>
    /// How a device looks at the way back to a packet's source (Documentation/networking/ip-sysctl.rst): 0 not at all, 1 it
    /// must lead out by the same device, 2 by any. The larger of the device's and everyone's setting counts.
    /// </summary>
    public int ReversePathFilter(string device) =>
        Math.Max(Number("net/ipv4/conf/all/rp_filter") ?? 0, Number($"net/ipv4/conf/{device}/rp_filter") ?? 0);

    /// <summary>Whether IPv4 packets that come in by a device may be sent on.</summary>
    public bool ForwardsIPv4(string device) => Number($"net/ipv4/conf/{device}/forwarding") is not 0;

    /// <summary>Whether IPv6 packets may be sent on, for which one setting counts for all devices.</summary>
    public bool ForwardsIPv6 => Number("net/ipv6/conf/all/forwarding") is not 0;
}
