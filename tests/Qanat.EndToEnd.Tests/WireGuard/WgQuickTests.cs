using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary><c>wg-quick</c>, with qanat-wg in wireguard-go's place.</summary>
public sealed class WgQuickTests
{
    [Fact]
    public void Wg_quick_brings_an_interface_up_and_down()
    {
        using var hosts = new TwoHosts();
        using var b = new WireGuardEnd(hosts.B, "qanat-wg");
        b.Begin(WireGuardPair.PortOfB, "10.77.0.2/24");
        var device = WireGuardEnd.NewName();
        var file = Path.Combine(hosts.A.RunDirectory, $"{device}.conf");
        hosts.A.Do($"umask 077; wg genkey >{file}.key");
        b.Set($"peer {hosts.A.Do($"wg pubkey <{file}.key").Trim()} allowed-ips 10.77.0.1/32");
        File.WriteAllText(file, $"""
            [Interface]
            PrivateKey = {File.ReadAllText($"{file}.key").Trim()}
            Address = 10.77.0.1/24
            MTU = 1400

            [Peer]
            PublicKey = {b.PublicKey}
            AllowedIPs = 10.77.0.0/24, 0.0.0.0/0
            Endpoint = {TwoHosts.AddressOfB}:{WireGuardPair.PortOfB}

            """);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        var quick = WithoutKernel(hosts.A);
        hosts.A.Do($"{quick} up {file}");
        Assert.Equal(1400, hosts.A.Link(device).GetProperty("mtu").GetInt32());
        hosts.A.Do("ping -c 2 -i 0.2 -W 10 10.77.0.2");
        hosts.A.Do($"{quick} down {file}");
        Assert.False(hosts.A.Has(device));
        Wait.Until(() => hosts.A.Processes.Count == 0, what: "qanat-wg to end");
        Assert.False(File.Exists(WireGuardEnd.SocketOf(device)));
    }

    // wg-quick takes the kernel's WireGuard where there is one; and the programs beside itself before all others.
    internal static string WithoutKernel(TestNamespace host)
    {
        var folder = Path.Combine(host.RunDirectory, "quick");
        host.Do($"mkdir {folder}", $"cp $(command -v wg-quick) {folder}/");
        File.WriteAllText($"{folder}/ip", $"""
            #!/bin/sh
            case "$*" in *"type wireguard"*) echo "Error: Unknown device type." >&2; exit 2;; esac
            exec {host.Do("command -v ip").Trim()} "$@"

            """);
        host.Do($"chmod +x {folder}/ip");
        return $"WG_QUICK_USERSPACE_IMPLEMENTATION=qanat-wg {folder}/wg-quick";
    }
}
