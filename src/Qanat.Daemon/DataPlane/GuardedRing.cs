using Qanat.Linux.Events;
using Qanat.Linux.Netfilter;
using Qanat.Linux.Sockets;
using Qanat.Linux.Xfrm;

namespace Qanat.Daemon.DataPlane;

/// <summary>
/// The packet ring, out of use while netfilter or IPsec has anything to do with outgoing packets, for it passes both by.
/// Looks once a second, so a new rule is obeyed a second later at most. Belongs to the worker.
/// </summary>
internal sealed class GuardedRing(int maxPacketLength, DaemonLog log) : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly PacketRing _ring = PacketRing.Open(maxPacketLength);
    private readonly NetfilterHooks _hooks = new();
    private readonly IpsecPolicies _policies = new();
    private volatile bool _inspected;

    /// <summary>The ring; null while packets must not leave by it.</summary>
    public PacketRing? Usable => _inspected ? null : _ring;

    /// <summary>Whether it is in use, for people. May be read on any thread.</summary>
    public string State => _inspected ? "off (netfilter or IPsec looks at outgoing packets)" : "on";

    /// <summary>Begins to look, on the worker's thread.</summary>
    public void Start(Worker worker)
    {
        WorkerTimer? timer = null;
        timer = worker.AddTimer(() =>
        {
            Look();
            timer!.Set(s_period);
        });
        Look();
        timer.Set(s_period);
    }

    public void Dispose()
    {
        _ring.Dispose();
        _hooks.Dispose();
        _policies.Dispose();
    }

    private void Look()
    {
        var inspected = _hooks.AnyOutput() || _policies.AnyOutput();
        if (inspected == _inspected)
            return;
        _inspected = inspected;
        log.Write($"packet-ring: {State}");
    }
}
