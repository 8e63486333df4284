using Qanat.Linux;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Declarative;

/// <summary>Is told what the kernel refused.</summary>
/// <param name="device">Index of the device that it was about.</param>
/// <param name="reason">What it was, and why.</param>
internal delegate void Refused(int device, LinuxException reason);

/// <summary>The devices of this network namespace, their addresses and routes.</summary>
/// <remarks>Each call may throw <see cref="LinuxException"/>.</remarks>
internal interface IDeviceNetwork : IDisposable
{
    /// <summary>The index of each device, by its name.</summary>
    IReadOnlyDictionary<string, int> Devices();

    /// <summary>The addresses of devices.</summary>
    /// <param name="devices">Their indices.</param>
    IReadOnlyList<InterfaceAddress> Addresses(IReadOnlyCollection<int> devices);

    /// <summary>The routes of all tables, of both families.</summary>
    IReadOnlyList<Route> Routes();

    /// <summary>Switches devices on or off and sets their MTU; tells what was refused.</summary>
    void SetLinks(IReadOnlyList<LinkSettings> settings, Refused refused);

    /// <summary>Takes addresses from devices; tells what was refused.</summary>
    void DeleteAddresses(IReadOnlyList<InterfaceAddress> addresses, Refused refused);

    /// <summary>Gives devices addresses; tells what was refused.</summary>
    void AddAddresses(IReadOnlyList<InterfaceAddress> addresses, Refused refused);

    /// <summary>Deletes routes; tells what was refused.</summary>
    void DeleteRoutes(IReadOnlyList<Route> routes, Refused refused);

    /// <summary>Adds routes; tells what was refused.</summary>
    void AddRoutes(IReadOnlyList<Route> routes, Refused refused);
}
