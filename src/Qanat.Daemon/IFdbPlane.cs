using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon;

/// <summary>
/// The part of the data plane that holds the forwarding tables of VXLAN. A data plane that has them implements it as well. The calls
/// are queued to the worker, as those of <see cref="IDataPlane"/>.
/// </summary>
public interface IFdbPlane
{
    /// <summary>What the table of a running tunnel holds, what it learnt included, in the order in which it came in.</summary>
    Task<IReadOnlyList<FdbRecord>> ListAsync(Tunnel tunnel);

    /// <summary>Adds a destination to an address. One that is there is given the new state.</summary>
    Task AddAsync(Tunnel tunnel, FdbRecord entry);

    /// <summary>Removes a destination of an address; what is not there is no error.</summary>
    Task RemoveAsync(Tunnel tunnel, MacAddress address, FdbDestination destination);
}
