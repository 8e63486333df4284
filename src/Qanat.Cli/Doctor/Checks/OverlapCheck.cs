using System.Net;
using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Two devices for one network, or two engines for one tunnel.</summary>
internal sealed class OverlapCheck : ICheck
{
    public string Name => "overlaps";

    public string Healthy => "no two devices claim the same addresses";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        Claim[] claims = [.. machine.Devices.Where(device => !device.IsLoopback && device.Link.IsUp).SelectMany(Claims)];
        foreach (var claim in claims.Where(claim => machine.IsSubject(claim.Device)))
            foreach (var other in claims)
                // Of two tunnels that claim the same, one is told of.
                if (other.Device != claim.Device && (!machine.IsSubject(other.Device) || other.Device.Index < claim.Device.Index) &&
                    Prefixes.Overlap(claim.Network, other.Network))
                    yield return Describe(claim, other).About(claim.Device.Name);

        foreach (var tunnel in machine.Tunnels.Where(tunnel => tunnel.IsOurs))
            if (machine.Devices.FirstOrDefault(device => device.Link.Kind == tunnel.Mode && device.Link.IsUp) is { } native)
                yield return Finding.Warning("two-engines",
                        $"the kernel has a tunnel of mode {tunnel.Mode} as well: {native.Name}",
                        $"both get the packets of {tunnel.Name}, and each answers what it does not know with ICMP")
                    .About(tunnel.Name).ToDo($"ip link set {native.Name} down", $"rmmod {tunnel.Mode}");
    }

    private static Finding Describe(Claim claim, Claim other)
    {
        var (mine, name) = (claim.Address, claim.Device.Name);
        return claim.Network == other.Network
            ? Finding.Warning("same-network",
                    $"{name} and {other.Device.Name} both have the network {claim.Network}",
                    "packets for it take one of them, and those behind the other are not reached")
                .ToDo($"ip address del {mine.Address}/{mine.PrefixLength} dev {name}, and give it another network")
            : Finding.Note("overlapping-networks",
                    $"{claim.Network} on {name} and {other.Network} on {other.Device.Name} overlap",
                    "what both have goes to the one with the longer prefix")
                .ToDo("give one of them another network, if that is not meant so");
    }

    // A single address is nobody's network.
    private static IEnumerable<Claim> Claims(Device device) =>
        device.Configured(AddressFamily.InterNetwork).Concat(device.Configured(AddressFamily.InterNetworkV6))
            .Where(address => address.PrefixLength < address.Address.GetAddressBytes().Length * 8)
            .Select(address => new Claim(device, address, Prefixes.Of(address)));

    private sealed record Claim(Device Device, InterfaceAddress Address, IPNetwork Network);
}
