using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>
/// One end of a WireGuard tunnel: a host, an implementation in user space, and the interface that it keeps. Sockets of all hosts lie
/// in one folder, so each interface has a name that no other has.
/// </summary>
public sealed class WireGuardEnd : IDisposable
{
    private static int s_count;

    /// <summary>Starts the interface, which is down and knows nobody.</summary>
    /// <param name="host">Where it is.</param>
    /// <param name="program"><c>qanat-wg</c> or <c>wireguard-go</c>.</param>
    public WireGuardEnd(TestNamespace host, string program)
    {
        Host = host;
        Device = NewName();
        PrivateKeyFile = Path.Combine(host.RunDirectory, $"{Device}.key");
        host.Do($"wg genkey >{PrivateKeyFile}");
        PublicKey = host.Do($"wg pubkey <{PrivateKeyFile}").Trim();
        host.Do($"{program} {Device}");
        Pid = host.Processes.Single(pid => File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(Device));
    }

    /// <summary>Its host.</summary>
    public TestNamespace Host { get; }

    /// <summary>The process that keeps it.</summary>
    public int Pid { get; }

    /// <summary>The interface's name.</summary>
    public string Device { get; }

    /// <summary>The file of its private key.</summary>
    public string PrivateKeyFile { get; }

    /// <summary>Its public key, in base64.</summary>
    public string PublicKey { get; }

    /// <summary>The file of the socket that it is configured by.</summary>
    public string Socket => SocketOf(Device);

    /// <summary>A name for an interface that no other test has.</summary>
    public static string NewName() => $"qw{Environment.ProcessId}x{Interlocked.Increment(ref s_count)}";

    /// <summary>The file of the socket that the interface of a name is configured by.</summary>
    public static string SocketOf(string device) => $"/var/run/wireguard/{device}.sock";

    /// <summary>Sets something of the interface: what <c>wg set</c> takes behind its name.</summary>
    public void Set(string words) => Host.Do($"wg set {Device} {words}");

    /// <summary>What <c>wg show</c> says of one thing: <c>endpoints</c>, <c>transfer</c>.</summary>
    public string Show(string what) => Host.Do($"wg show {Device} {what}").TrimEnd();

    /// <summary>Gives it its key and port, and addresses inside the tunnel, and turns it on.</summary>
    public void Begin(int port, params ReadOnlySpan<string> addresses)
    {
        Set($"private-key {PrivateKeyFile} listen-port {port}");
        foreach (var address in addresses)
            Host.Do($"ip addr add {address} dev {Device}{(address.Contains(':', StringComparison.Ordinal) ? " nodad" : "")}");
        Host.Do($"ip link set {Device} up");
    }

    /// <summary>Removes the device, with which the program ends.</summary>
    public void Dispose()
    {
        Host.Run($"ip link del {Device}");
        Wait.Holds(() => !File.Exists(Socket));
        File.Delete(Socket); // of a program that was killed
    }
}
