using Qanat.Cli.Doctor.Facts;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>
/// What the kernel was built without. What was proven by trying counts for more than what a configuration says; the driver of
/// TUN is <see cref="DeviceNodeCheck"/>'s.
/// </summary>
internal sealed class KernelOptionCheck : ICheck
{
    private static readonly (string Kind, string Option, string Use)[] s_devices =
    [
        ("bridge", "BRIDGE", "TAP devices cannot be put on a bridge"),
        ("veth", "VETH", "network namespaces cannot be joined by wires"),
    ];

    private static readonly (string Option, string Mode)[] s_tunnels =
    [
        ("NET_IPIP", "ipip"), ("NET_IPGRE", "gre"), ("IPV6_SIT", "sit"), ("NET_IPVTI", "vti"), ("IPV6_TUNNEL", "ip6tnl"),
        ("VXLAN", "vxlan"), ("WIREGUARD", "wireguard"),
    ];

    public string Name => "kernel-options";

    public string Healthy => "the kernel's configuration cannot be read; what is tried counts";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        foreach (var (kind, option, use) in s_devices)
            if (machine.Kernel.Lacks(option) && !machine.Trial.Kinds.Contains(kind))
                yield return Finding.Note("option-missing", $"the kernel was built without CONFIG_{option}", use)
                    .ToDo($"boot a kernel with CONFIG_{option}, if you need that");
        if (machine.Kernel.Options is not { } options)
            yield break;
        string[] native = [.. s_tunnels.Where(tunnel => options.ContainsKey(tunnel.Option)).Select(tunnel => tunnel.Mode)];
        yield return Finding.Ok("native-tunnels", native.Length > 0
            ? $"kernel {machine.Kernel.Release} can carry by itself: {string.Join(", ", native)}"
            : $"kernel {machine.Kernel.Release} carries no tunnel by itself");
    }
}
