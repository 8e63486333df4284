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

/// <summary>Where frames to an address go (the kernel's <c>struct vxlan_rdst</c>).</summary>
/// <param name="Address">The far end.</param>
/// <param name="Port">Its UDP port; 0 for the tunnel's own.</param>
/// <param name="Vni">The network identifier; null for the tunnel's own.</param>
/// <param name="Link">Index of the device to send by; 0 to leave it to the routes.</param>
public readonly record struct FdbDestination(IpAddress Address, ushort Port = 0, uint? Vni = null, int Link = 0);

/// <summary>How long an entry of a forwarding table lasts (NUD_PERMANENT, NUD_NOARP, NUD_REACHABLE of linux/neighbour.h).</summary>
public enum FdbState
{
    /// <summary>Until it is removed, and learning never moves it.</summary>
    Permanent,

    /// <summary>The same; <c>bridge</c> tells the two apart, packets do not.</summary>
    Static,

    /// <summary>Until it has aged, and learning may move it.</summary>
    Dynamic,
}

/// <summary>An entry of a forwarding table with one destination.</summary>
/// <param name="Address">The Ethernet address; all zero for what no other entry is for.</param>
/// <param name="Destination">Where it is.</param>
/// <param name="State">How long the entry lasts.</param>
/// <param name="Sticky">Learning never moves it, whatever its state (NTF_STICKY).</param>
/// <param name="ExternLearn">A control plane outside put it there (NTF_EXT_LEARNED).</param>
/// <param name="Used">How long ago a frame used it.</param>
/// <param name="Updated">How long ago it was altered.</param>
public sealed record FdbRecord(
    MacAddress Address, FdbDestination Destination, FdbState State = FdbState.Permanent, bool Sticky = false, bool ExternLearn = false,
    TimeSpan Used = default, TimeSpan Updated = default);
