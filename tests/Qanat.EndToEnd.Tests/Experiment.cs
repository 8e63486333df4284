using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>The experiment: A and B on a wire, and tun1 between them, made as a user makes it.</summary>
public sealed class Experiment : IDisposable
{
    /// <summary>A's address in the tunnel.</summary>
    public const string InnerA = "192.168.1.1";

    /// <summary>B's address in the tunnel.</summary>
    public const string InnerB = "192.168.1.2";

    private readonly TwoHosts _hosts = new();

    public Experiment()
    {
        Assert.True(File.Exists(Repository.Qanat), $"There is no {Repository.Qanat}: run `make`, or name the program with QANAT=.");
        try
        {
            A.Do("qanat tunnel add tun1 mode ipip remote 10.10.50.186 local 10.10.50.71",
                "ip link set tun1 up",
                "ip a add 192.168.1.1 peer 192.168.1.2 dev tun1");
            B.Do("qanat tunnel add tun1 mode ipip remote 10.10.50.71 local 10.10.50.186",
                "ip link set tun1 up",
                "ip a add 192.168.1.2 peer 192.168.1.1 dev tun1");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Host A.</summary>
    public TestNamespace A => _hosts.A;

    /// <summary>Host B.</summary>
    public TestNamespace B => _hosts.B;

    /// <inheritdoc/>
    public void Dispose() => _hosts.Dispose();
}
