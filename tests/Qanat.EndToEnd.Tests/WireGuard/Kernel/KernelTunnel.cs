using Qanat.EndToEnd.Tests.Interop;

namespace Qanat.EndToEnd.Tests.WireGuard.Kernel;

/// <summary>
/// A WireGuard tunnel between qanat-wg and a real kernel's own, on the wire of a <see cref="KernelPair"/>, with addresses of its
/// own inside and outside. Each knows the other's key, and nobody where the other is, until one is told.
/// </summary>
public sealed class KernelTunnel : IDisposable
{
    private readonly KernelPair _pair;
    private readonly int _number;

    /// <summary>Makes it.</summary>
    /// <param name="pair">Qanat and a kernel.</param>
    /// <param name="number">Its number, where there are several at once.</param>
    /// <param name="probes">Whether we measure the path, which the kernel does not.</param>
    public KernelTunnel(KernelPair pair, int number = 0, bool probes = true)
    {
        ArgumentNullException.ThrowIfNull(pair);
        (_pair, _number) = (pair, number);
        Ours = new(pair.Host, probes ? "qanat-wg" : "QANAT_DISABLE=mtu-probing qanat-wg");
        try
        {
            pair.Host.Do($"ip addr add {OurOuter}/24 dev {KernelPair.Wire}", $"ip addr add {OurOuter6}/64 nodad dev {KernelPair.Wire}");
            TheirPublicKey = pair.Kernel.Do($"""
                ip addr add {TheirOuter}/24 dev eth0; ip addr add {TheirOuter6}/64 dev eth0
                umask 077; wg genkey >/tmp/{Device}.key
                ip link add {Device} type wireguard && wg set {Device} private-key /tmp/{Device}.key listen-port {TheirPort} &&
                ip addr add {TheirInner}/24 dev {Device} && ip addr add {TheirInner6}/64 dev {Device} && ip link set {Device} up &&
                wg pubkey </tmp/{Device}.key
                """).Trim();
            Ours.Begin(OurPort, $"{OurInner}/24", $"{OurInner6}/64");
            SetTheirs($"peer {Ours.PublicKey} allowed-ips {OurInner}/32,{OurInner6}/128");
            Ours.Set($"peer {TheirPublicKey} allowed-ips {TheirInner}/32,{TheirInner6}/128");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Our end.</summary>
    public WireGuardEnd Ours { get; }

    /// <summary>The device's name, the same on both sides.</summary>
    public string Device => Ours.Device;

    /// <summary>The kernel's public key, in base64.</summary>
    public string TheirPublicKey { get; } = "";

    /// <summary>Our address inside.</summary>
    public string OurInner => $"10.77.{_number}.1";

    /// <summary>Our IPv6 address inside.</summary>
    public string OurInner6 => $"fd77:{_number}::1";

    /// <summary>The kernel's address inside.</summary>
    public string TheirInner => $"10.77.{_number}.2";

    /// <summary>The kernel's IPv6 address inside.</summary>
    public string TheirInner6 => $"fd77:{_number}::2";

    /// <summary>Our address on the wire.</summary>
    public string OurOuter => $"10.9.{_number}.1";

    /// <summary>Our IPv6 address on the wire.</summary>
    public string OurOuter6 => $"fd09:a{_number}::1";

    /// <summary>The kernel's address on the wire.</summary>
    public string TheirOuter => $"10.9.{_number}.2";

    /// <summary>The kernel's IPv6 address on the wire.</summary>
    public string TheirOuter6 => $"fd09:a{_number}::2";

    /// <summary>The port that we listen on.</summary>
    public int OurPort => 51821 + 2 * _number;

    /// <summary>The port that the kernel listens on.</summary>
    public int TheirPort => OurPort + 1;

    /// <summary>Tells one end where the other is: that one will begin.</summary>
    /// <param name="us">We are told; otherwise the kernel is.</param>
    /// <param name="overIPv6">By IPv6.</param>
    public void Tell(bool us, bool overIPv6 = false)
    {
        if (us)
            Ours.Set($"peer {TheirPublicKey} endpoint {(overIPv6 ? $"[{TheirOuter6}]" : TheirOuter)}:{TheirPort}");
        else
            SetTheirs($"peer {Ours.PublicKey} endpoint {(overIPv6 ? $"[{OurOuter6}]" : OurOuter)}:{OurPort}");
    }

    /// <summary>Gives both the same preshared key.</summary>
    public void SharePresharedKey()
    {
        var key = _pair.Host.Do("wg genpsk").Trim();
        _pair.Host.Do($"umask 077; echo {key} >{Ours.PrivateKeyFile}.psk");
        Ours.Set($"peer {TheirPublicKey} preshared-key {Ours.PrivateKeyFile}.psk");
        _pair.Kernel.Do($"umask 077; echo {key} >/tmp/psk");
        SetTheirs($"peer {Ours.PublicKey} preshared-key /tmp/psk");
    }

    /// <summary>Sets something of the kernel's: what <c>wg set</c> takes behind its name.</summary>
    public void SetTheirs(string words) => _pair.Kernel.Do($"wg set {Device} {words}");

    /// <summary>What <c>wg show</c> says of one thing of the kernel's.</summary>
    public string ShowTheirs(string what) => _pair.Kernel.Do($"wg show {Device} {what}").TrimEnd();

    /// <summary>True when one echo request of ours is answered within a second.</summary>
    public bool WeReach(string address) => _pair.Host.Reaches(address);

    /// <summary>True when one of the kernel's is.</summary>
    public bool TheyReach(string address) => _pair.Kernel.Run($"ping -c 1 -W 1 {address}").Succeeded;

    /// <inheritdoc/>
    public void Dispose()
    {
        Ours.Dispose();
        _pair.Host.Run($"ip addr del {OurOuter}/24 dev {KernelPair.Wire}; ip addr del {OurOuter6}/64 dev {KernelPair.Wire}");
        _pair.Kernel.Run($"ip link del {Device}; ip addr del {TheirOuter}/24 dev eth0; ip addr del {TheirOuter6}/64 dev eth0");
    }
}
