using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>The tunnels of this network namespace, wherever they are kept.</summary>
/// <remarks>Each call may throw <see cref="ApiException"/>.</remarks>
internal interface IQanatClient
{
    /// <summary>Every tunnel, in the order of their interface indices. None when no daemon keeps any.</summary>
    IReadOnlyList<TunnelReport> List();

    /// <summary>The tunnel of a name.</summary>
    TunnelReport Get(string name);

    /// <summary>Makes a tunnel.</summary>
    void Add(TunnelSpec spec);

    /// <summary>Gives the tunnel of a name new parameters.</summary>
    void Change(string name, TunnelSpec spec);

    /// <summary>Removes the tunnel of a name, and its device.</summary>
    void Delete(string name);

    /// <summary>Adds, changes and removes many tunnels. A refusal does not keep the others from being done.</summary>
    /// <returns>For each tunnel why it was refused, null when it was not: those to remove, to change and to add, in this order.</returns>
    IReadOnlyList<ApiException?> Send(BatchSpec batch) =>
    [
        .. batch.Remove.Select(name => Attempt(() => Delete(name))),
        .. batch.Change.Select(spec => Attempt(() => Change(spec.Name, spec))),
        .. batch.Add.Select(spec => Attempt(() => Add(spec))),
    ];

    /// <summary>Adds a potential router to the tunnel of a name.</summary>
    void AddRouter(string name, RouterSpec router);

    /// <summary>Removes a potential router; with the address <c>any</c> all of them.</summary>
    void DeleteRouter(string name, RouterSpec router);

    /// <summary>Sets the 6rd prefixes of the tunnel of a name.</summary>
    void Set6rd(string name, SixRdSpec prefixes);

    /// <summary>Gives it 6to4's prefix again.</summary>
    void Reset6rd(string name);

    /// <summary>The UDP ports that receive for tunnels, the newest first. None when no daemon keeps any.</summary>
    IReadOnlyList<FouPort> ListFouPorts();

    /// <summary>Opens a UDP port that receives for tunnels.</summary>
    void AddFouPort(FouPort port);

    /// <summary>Closes the port that has the same port, family, addresses and device.</summary>
    void DeleteFouPort(FouPort port);

    /// <summary>The static tunnels of L2TP, the oldest first. None when no daemon keeps any.</summary>
    IReadOnlyList<L2tpTunnel> ListL2tpTunnels();

    /// <summary>Makes a static tunnel of L2TP.</summary>
    void AddL2tpTunnel(L2tpTunnel tunnel);

    /// <summary>Removes a static tunnel of L2TP and its sessions.</summary>
    void DeleteL2tpTunnel(uint id);

    /// <summary>The forwarding table of the VXLAN tunnel of a name.</summary>
    IReadOnlyList<FdbEntry> ListFdb(string name);

    /// <summary>Adds an entry to a forwarding table.</summary>
    /// <param name="name">The tunnel.</param>
    /// <param name="verb"><c>add</c>, <c>append</c> or <c>replace</c>.</param>
    /// <param name="entry">The entry.</param>
    void AddFdb(string name, string verb, FdbEntry entry);

    /// <summary>Removes a destination of an Ethernet address; all of them when the entry's is empty.</summary>
    void DeleteFdb(string name, FdbEntry entry);

    /// <summary>Removes the entries of a forwarding table that a filter takes.</summary>
    void FlushFdb(string name, FdbFilter filter);

    /// <summary>How the daemon is; null when none runs.</summary>
    DaemonStatus? Status();

    /// <summary>The daemon's metrics, in Prometheus' text format; null when none runs.</summary>
    string? Metrics();

    /// <summary>The packets of a tunnel as they pass, in the pcapng format; null when no daemon keeps a tunnel of that name.</summary>
    /// <param name="name">The tunnel.</param>
    /// <param name="snapLength">Bytes of each packet that are wanted; 0 for all.</param>
    Stream? Capture(string name, int snapLength);

    private static ApiException? Attempt(Action call)
    {
        try
        {
            call();
            return null;
        }
        catch (ApiException refused)
        {
            return refused;
        }
    }
}
