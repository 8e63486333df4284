using Qanat.Linux.Storage;
using Qanat.Vpn;
using Qanat.Vpn.Storage;

namespace Qanat.Daemon.Vpn;

/// <summary>
/// A hub's hold on its network's folder: the lock that makes it the only hub, and an ear for changes. Both are of the folder that was
/// found at the path; when another takes its place, from a backup for one, they are taken there anew.
/// </summary>
/// <param name="directory">The network's directory.</param>
/// <exception cref="VpnException">Another process runs the network; or there is no such network.</exception>
/// <exception cref="IOException">The lock's file cannot be made.</exception>
internal sealed class HubHold(VpnDirectory directory) : IDisposable
{
    private FileLock _lock = directory.TakeHub();
    private Action? _changed;
    private IDisposable? _watch;

    /// <summary>Whether the folder at the path is the one that is held.</summary>
    public bool IsInPlace => _lock.IsInPlace;

    /// <summary>Follows the folder.</summary>
    /// <param name="changed">Called after each change, on a thread of the pool, and perhaps without a change.</param>
    /// <exception cref="IOException">The kernel has no more watches to give.</exception>
    public void Watch(Action changed) => (_changed, _watch) = (changed, directory.Watch(changed));

    /// <summary>Takes hold of the folder that is there now, where it is another.</summary>
    /// <exception cref="VpnException">There is none; or another process runs what is in it.</exception>
    /// <exception cref="IOException">It cannot be held.</exception>
    public void Renew()
    {
        if (IsInPlace)
            return;
        if (_changed is not null)
        {
            _watch?.Dispose();
            _watch = directory.Watch(_changed); // before the lock: who cannot have that hears when things change
        }
        var before = _lock;
        _lock = directory.TakeHub();
        before.Dispose();
    }

    /// <summary>Hears of no more changes.</summary>
    public void Ignore() => _watch?.Dispose();

    /// <summary>Lets go.</summary>
    public void Dispose()
    {
        Ignore();
        _lock.Dispose();
    }
}
