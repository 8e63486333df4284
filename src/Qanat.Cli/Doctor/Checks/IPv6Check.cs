using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Where IPv6 is off, though something has it, wants it or is asked about.</summary>
internal sealed class IPv6Check : ICheck
{
    private const string Refused = "IPv6 addresses are refused there with \"Permission denied\"";

    public string Name => "ipv6";

    public string Healthy => "IPv6 is on";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        var wanted = machine.Asked.Destinations.Any(address => address.AddressFamily == AddressFamily.InterNetworkV6) ||
            machine.Tunnels.Any(tunnel => tunnel.Remote?.AddressFamily == AddressFamily.InterNetworkV6);
        if (!machine.Sysctls.HasIPv6)
        {
            yield return new Finding(wanted ? Severity.Blocks : Severity.Note, "ipv6-absent", "the kernel runs without IPv6",
                    "no device can have an IPv6 address, and nothing over IPv6 works")
                .ToDo("boot without ipv6.disable=1, and with CONFIG_IPV6");
            yield break;
        }
        if (machine.Sysctls.IsIPv6Disabled("all") && machine.Sysctls.IsIPv6Disabled("lo"))
        {
            yield return new Finding(wanted ? Severity.Blocks : Severity.Note, "ipv6-disabled",
                    "IPv6 is disabled in this network namespace",
                    $"IPv6 addresses are refused with \"Permission denied\"{(wanted ? ", and something here needs one" : "")}")
                .ToDo("sysctl -w net.ipv6.conf.all.disable_ipv6=0", "sysctl -w net.ipv6.conf.default.disable_ipv6=0");
            yield break;
        }

        var inUse = machine.Devices.Any(device => !device.IsLoopback && device.Configured(AddressFamily.InterNetworkV6).Any());
        foreach (var device in machine.Devices)
            if (!device.IsLoopback && machine.Sysctls.IsIPv6Disabled(device.Name) && Concerns(machine, device))
                yield return new Finding(
                        inUse && machine.TunnelOf(device.Index) is null ? Severity.Warning : Severity.Note, "ipv6-disabled",
                        $"IPv6 is disabled on {device.Name}", Refused)
                    .About(device.Name).ToDo($"sysctl -w {Sysctls.NameOf("ipv6", device.Name, "disable_ipv6")}=0");
    }

    // A tunnel that carries IPv4 alone is better off without.
    private static bool Concerns(Machine machine, Device device) =>
        machine.IsSubject(device) && machine.TunnelOf(device.Index) is not { Mode: "ipip" } ||
        machine.Asked.Devices.Contains(device.Name) ||
        machine.Tunnels.Any(tunnel => tunnel.Remote?.AddressFamily == AddressFamily.InterNetworkV6 && machine.UnderlayOf(tunnel) == device);
}
