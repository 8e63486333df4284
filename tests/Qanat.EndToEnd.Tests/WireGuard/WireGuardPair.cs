using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>
/// Two hosts on a wire with both IP versions, and a WireGuard tunnel between them. A knows where B is, and B nothing of A.
/// </summary>
public sealed class WireGuardPair : IDisposable
{
    /// <summary>Inside the tunnel.</summary>
    public const string InnerA = "10.77.0.1", InnerB = "10.77.0.2", InnerA6 = "fd77::1", InnerB6 = "fd77::2";

    /// <summary>On the wire, beside IPv4's addresses.</summary>
    public const string OuterA6 = "fd09::1", OuterB6 = "fd09::2";

    /// <summary>The ports that they listen on.</summary>
    public const int PortOfA = 51821, PortOfB = 51822;

    private readonly TwoHosts _hosts = new();

    /// <summary>Makes it.</summary>
    /// <param name="programA">A's implementation.</param>
    /// <param name="programB">B's.</param>
    /// <param name="endpoint">Where A finds B, by default over IPv4.</param>
    public WireGuardPair(string programA = "qanat-wg", string programB = "qanat-wg", string? endpoint = null)
    {
        _hosts.A.Do($"ip addr add {OuterA6}/64 dev eth0 nodad");
        _hosts.B.Do($"ip addr add {OuterB6}/64 dev eth0 nodad");
        A = new(_hosts.A, programA);
        B = new(_hosts.B, programB);
        A.Begin(PortOfA, $"{InnerA}/24", $"{InnerA6}/64");
        B.Begin(PortOfB, $"{InnerB}/24", $"{InnerB6}/64");
        B.Set($"peer {A.PublicKey} allowed-ips {InnerA}/32,{InnerA6}/128");
        A.Set($"peer {B.PublicKey} allowed-ips {InnerB}/32,{InnerB6}/128 endpoint {endpoint ?? $"{TwoHosts.AddressOfB}:{PortOfB}"}");
    }

    /// <summary>The end that begins.</summary>
    public WireGuardEnd A { get; }

    /// <summary>The end that is found.</summary>
    public WireGuardEnd B { get; }

    /// <summary>Gives both the same preshared key.</summary>
    public void SharePresharedKey()
    {
        var file = Path.Combine(A.Host.RunDirectory, "psk");
        A.Host.Do($"wg genpsk >{file}");
        A.Set($"peer {B.PublicKey} preshared-key {file}");
        B.Set($"peer {A.PublicKey} preshared-key {file}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        _hosts.Dispose();
    }
}
