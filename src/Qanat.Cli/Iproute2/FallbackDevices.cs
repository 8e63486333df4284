namespace Qanat.Cli.Iproute2;

/// <summary>
/// What the kernel's modules have by themselves, and the daemon when it is asked to: no command makes these devices, and none takes
/// them away.
/// </summary>
internal static class FallbackDevices
{
    private static readonly string[] s_names = ["tunl0", "gre0", "gretap0", "sit0", "ip_vti0", "ip6tnl0", "ip6gre0", "ip6_vti0"];

    /// <summary>True for the name of one.</summary>
    public static bool Has(string name) => s_names.Contains(name);
}
