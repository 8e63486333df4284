namespace Qanat.Daemon.Lifecycle;

/// <summary>
/// Decides when a network namespace would be gone if the daemon were not in it: then the daemon must go, as kernel tunnels
/// would. A namespace that has a name goes with its last name; one without, when its last other process has left; process
/// 1's never.
/// </summary>
internal sealed class NamespaceWatch
{
    private readonly INetworkNamespace _network;
    private readonly TimeProvider _time;
    private readonly bool _isInitial;
    private bool _hadName;
    private bool _hadProcesses;
    private long _lastLook;

    /// <summary>Begins to watch.</summary>
    public NamespaceWatch(INetworkNamespace network, TimeProvider time)
    {
        (_network, _time) = (network, time);
        _isInitial = network.IsInitial;
        _hadName = !_isInitial && network.HasName;
        _hadProcesses = !_isInitial && !_hadName && network.HasOtherProcesses;
        _lastLook = time.GetTimestamp();
    }

    /// <summary>How often the processes are looked through, which is dearer than looking for the name.</summary>
    public static TimeSpan ProcessPeriod { get; } = TimeSpan.FromSeconds(2);

    /// <summary>True when the namespace is to go.</summary>
    public bool IsLost()
    {
        if (_isInitial)
            return false;
        if (_network.HasName)
        {
            _hadName = true;
            return false;
        }
        if (_hadName)
            return true;
        if (_time.GetElapsedTime(_lastLook) < ProcessPeriod)
            return false;
        _lastLook = _time.GetTimestamp();
        if (_network.HasOtherProcesses)
        {
            _hadProcesses = true;
            return false;
        }
        return _hadProcesses;
    }
}
