namespace Qanat.Testing;

/// <summary>
/// The experiment's hosts: A 10.10.50.71 and B 10.10.50.186, each with <c>eth0</c> on one wire, offloads as the kernel has
/// them by default.
/// </summary>
public sealed class TwoHosts : IDisposable
{
    /// <summary>A's address on the wire.</summary>
    public const string AddressOfA = "10.10.50.71";

    /// <summary>B's address on the wire.</summary>
    public const string AddressOfB = "10.10.50.186";

    /// <summary>Makes both and their wire.</summary>
    public TwoHosts()
    {
        TestNamespace.Join(A, "eth0", B, "eth0");
        A.Do($"ip addr add {AddressOfA}/24 dev eth0");
        B.Do($"ip addr add {AddressOfB}/24 dev eth0");
    }

    /// <summary>Host A.</summary>
    public TestNamespace A { get; } = new("a");

    /// <summary>Host B.</summary>
    public TestNamespace B { get; } = new("b");

    /// <inheritdoc/>
    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
