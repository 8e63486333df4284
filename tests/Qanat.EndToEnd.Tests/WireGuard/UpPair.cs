using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>Two hosts on a wire: A, whose interface a file describes, and B, an interface that waits for it.</summary>
public sealed class UpPair : IDisposable
{
    /// <summary>B's address inside the tunnel.</summary>
    public const string InnerB = "10.77.0.2";

    private readonly TwoHosts _hosts = new();
    private readonly string _privateKey;

    /// <summary>Makes both; A has no interface yet, and no file.</summary>
    public UpPair()
    {
        B = new(_hosts.B, "qanat-wg");
        B.Begin(WireGuardPair.PortOfB, $"{InnerB}/24");
        File = Path.Combine(A.RunDirectory, $"{Device}.conf");
        _privateKey = A.Do("wg genkey").Trim();
        PublicKey = A.Do($"echo {_privateKey} | wg pubkey").Trim();
        B.Set($"peer {PublicKey} allowed-ips 10.77.0.1/32,10.77.0.3/32");
    }

    /// <summary>The host of the file.</summary>
    public TestNamespace A => _hosts.A;

    /// <summary>The other end.</summary>
    public WireGuardEnd B { get; }

    /// <summary>A's interface.</summary>
    public string Device { get; } = WireGuardEnd.NewName();

    /// <summary>A's file.</summary>
    public string File { get; }

    /// <summary>A's public key.</summary>
    public string PublicKey { get; }

    /// <summary>Writes A's file, which is its owner's alone.</summary>
    /// <param name="surroundings">Lines of the interface, beside its key.</param>
    /// <param name="allowedIps">What goes to B.</param>
    /// <param name="host">B's name or address.</param>
    /// <param name="more">Lines behind those of B.</param>
    public void Write(
        string surroundings = "Address = 10.77.0.1/24", string allowedIps = "10.77.0.0/24", string host = TwoHosts.AddressOfB,
        string more = "")
    {
        System.IO.File.WriteAllText(File, $"""
            [Interface]
            PrivateKey = {_privateKey}
            {surroundings}

            [Peer]
            PublicKey = {B.PublicKey}
            AllowedIPs = {allowedIps}
            Endpoint = {host}:{WireGuardPair.PortOfB}
            {more}

            """);
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Kills the process of A's interface, and waits until it is gone.</summary>
    public void Kill()
    {
        foreach (var pid in A.Processes)
            A.Do($"kill -KILL {pid}");
        Wait.Until(() => A.Processes.Count == 0, what: "it to be gone");
    }

    /// <summary>
    /// All that the interface may do to A: addresses, routes, rules, filters, settings, files; not what the kernel adds by itself.
    /// </summary>
    public string Traces() => A.Do(
        "ip -o -4 address show | grep -v eth0 | cut -d' ' -f2-; ip -o -6 address show scope global | cut -d' ' -f2-; " +
        "ip link | grep -o 'qw.* mtu [0-9]*'; ip -4 route show table all | grep -v eth0; " +
        "ip -6 route show table all | grep -v fe80 | grep -v ff00; ip -4 rule; ip -6 rule; nft list ruleset | grep -v fe80; " +
        "sysctl net.ipv4.conf.all.src_valid_mark; ls -1 $QANAT_RUN_DIR | grep '[.]up[.]' || true");

    /// <inheritdoc/>
    public void Dispose()
    {
        A.Run($"ip link del {Device}");
        Wait.Holds(() => A.Processes.Count == 0, TimeSpan.FromSeconds(5));
        B.Dispose();
        _hosts.Dispose();
        System.IO.File.Delete(WireGuardEnd.SocketOf(Device));
    }
}
