using Qanat.Linux;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>What stands between a host and its name servers.</summary>
internal enum ResolverKind
{
    /// <summary>Nothing that could be told.</summary>
    None,

    /// <summary><c>resolvconf</c>, of whatever make.</summary>
    Resolvconf,

    /// <summary>systemd-resolved, by <c>resolvectl</c>.</summary>
    Resolved,
}

/// <summary>
/// A host that interfaces are brought up on: everything outside the process, so that tests can stand it on something else.
/// </summary>
/// <remarks>What the kernel refuses is a <see cref="LinuxException"/>, what a program says an <see cref="IOException"/>.</remarks>
internal interface IUpHost
{
    /// <summary>True when there is a device of that name.</summary>
    bool HasDevice(string device);

    /// <summary>What has to be known before an interface comes, or changes.</summary>
    /// <param name="endpoints">Where its peers are.</param>
    /// <param name="device">The interface: routes into it are not the way to its peers.</param>
    /// <param name="mark">The mark of what it sends; 0 for none.</param>
    HostFacts Look(IReadOnlyList<IpAddress> endpoints, string device, uint mark);

    /// <summary>A device's addresses, those aside that the kernel gave it.</summary>
    IReadOnlyList<InterfaceAddress> Addresses(string device);

    /// <summary>Gives a device an address.</summary>
    void AddAddress(string device, InterfaceAddress address);

    /// <summary>Takes an address from a device.</summary>
    void DeleteAddress(string device, InterfaceAddress address);

    /// <summary>Lets a device keep its other IPv4 addresses of a network when it loses the first (promote_secondaries).</summary>
    void PromoteSecondaries(string device);

    /// <summary>Sets a device's MTU, in bytes, and turns it on.</summary>
    void BringUp(string device, int mtu);

    /// <summary>Routes addresses into a device.</summary>
    /// <param name="device">The device.</param>
    /// <param name="destination">The addresses.</param>
    /// <param name="table">The table's number or name; null for the main one.</param>
    void AddRoute(string device, AllowedIp destination, string? table);

    /// <summary>Takes such a route back; none is no error.</summary>
    void DeleteRoute(string device, AllowedIp destination, string? table);

    /// <summary>The priority that puts a rule before all others but that of the local table.</summary>
    uint FirstPriority(bool isIPv6);

    /// <summary>Adds a rule.</summary>
    void AddRule(KeptRule rule);

    /// <summary>Deletes a rule; none is no error.</summary>
    void DeleteRule(KeptRule rule);

    /// <summary>True when a rule sends into a table what has not a certain mark: a default route into a tunnel.</summary>
    bool HasMarkRules { get; }

    /// <summary>Sets net.ipv4.conf.all.src_valid_mark.</summary>
    void SetSourceValidMark(bool value);

    /// <summary>What stands before the name servers.</summary>
    ResolverKind Resolver { get; }

    /// <summary>True when there is a program of that name.</summary>
    bool HasProgram(string name);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="words">Its name and arguments.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="output">Takes each line that it writes.</param>
    /// <param name="variables">Variables of its environment, beside ours.</param>
    /// <param name="folder">The folder that it runs in.</param>
    /// <exception cref="IOException">It failed, or there is none.</exception>
    void Run(
        IReadOnlyList<string> words, string input, Action<string> output,
        IReadOnlyDictionary<string, string>? variables = null, string folder = "/");
}
