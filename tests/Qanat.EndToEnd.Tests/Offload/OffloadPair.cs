using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.Offload;

/// <summary>The experiment's hosts with daemons that have the kernel move packets (<c>QANAT_BPF=1</c>), and tun1 between them.</summary>
public sealed class OffloadPair : IDisposable
{
    /// <summary>The hosts' addresses in the tunnel.</summary>
    public const string InnerA = "10.0.0.1", InnerB = "10.0.0.2", InnerA6 = "fd00::1", InnerB6 = "fd00::2";

    /// <summary>Stands for the addresses of a tunnel's ends.</summary>
    public const string Ends = "ENDS";

    private readonly TwoHosts _hosts = new();

    public OffloadPair()
    {
        foreach (var host in (TestNamespace[])[A, B])
            Prepare(host);
    }

    /// <summary>Host A.</summary>
    public TestNamespace A => _hosts.A;

    /// <summary>Host B.</summary>
    public TestNamespace B => _hosts.B;

    /// <summary>Has the daemon of a host offload, and its devices keep quiet.</summary>
    public static void Prepare(TestNamespace host)
    {
        host.SetEnvironment("QANAT_BPF", "1");
        host.Do("sysctl -qw net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.addr_gen_mode=1");
    }

    /// <summary>
    /// Makes tun1 on both hosts, with addresses of both families, and waits until it is offloaded; disposing the answer takes it away.
    /// </summary>
    /// <param name="commands">What makes it, with semicolons between, without the program: <c>tunnel add tun1 mode gre ENDS</c>.</param>
    public IDisposable Make(string commands)
    {
        var ending = new Ending(this);
        try
        {
            Add(A, commands, TwoHosts.AddressOfA, TwoHosts.AddressOfB, 1);
            Add(B, commands, TwoHosts.AddressOfB, TwoHosts.AddressOfA, 2);
            A.WaitUntilOffloaded();
            B.WaitUntilOffloaded();
            return ending;
        }
        catch
        {
            ending.Dispose();
            throw;
        }
    }

    /// <summary>Makes one end.</summary>
    public static void Add(TestNamespace host, string commands, string local, string remote, int end)
    {
        var lines = commands.Replace(Ends, $"local {local} remote {remote}", StringComparison.Ordinal).Split(';');
        host.Do(string.Join(" && ", [
            .. lines.Select(line => $"qanat {line.Trim()}"), "ip link set tun1 up",
            $"ip addr add 10.0.0.{end}/24 dev tun1", $"ip addr add fd00::{end}/64 nodad dev tun1"]));
    }

    /// <inheritdoc/>
    public void Dispose() => _hosts.Dispose();

    private sealed class Ending(OffloadPair pair) : IDisposable
    {
        public void Dispose()
        {
            foreach (var host in (TestNamespace[])[pair.A, pair.B])
                host.Run("qanat link del tun1; for port in 5550 5551 5552; do qanat fou del port $port; done");
        }
    }
}
