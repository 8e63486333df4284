using System.Collections.Immutable;
using Qanat.Daemon.WireGuard;
using Qanat.Daemon.WireGuard.Companions;
using Qanat.Vpn;
using Qanat.Vpn.Storage;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.Vpn;

/// <summary>
/// Keeps a hub's interface as the network's directory has it: what is changed there it applies, so that nobody else is cut off;
/// whose time is over it cuts off, whether or not the directory can be read; and who comes and goes it writes into the audit log.
/// </summary>
internal sealed class DirectoryFollower : ICompanion, IDisposable
{
    // Clocks are set, and nobody tells us.
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromMinutes(1);

    // Whoever puts back a folder file by file is not to find files of ours in it.
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(500);

    // Of peers that came and went while the log could not be written.
    private const int MostKept = 10_000;

    private readonly VpnDirectory _directory;
    private readonly HubHold _hold;
    private readonly TimeProvider _time;
    private readonly PeerJournal _journal;
    private readonly Bell _changed = new();
    private readonly CancellationTokenSource _end = new();
    private VpnNetwork _network;
    private PeerKeys _keys;
    private ImmutableHashSet<PublicKey> _arrived = [];
    private IRunningInterface? _running;
    private IDisposable? _observing;
    private Task _following = Task.CompletedTask, _writing = Task.CompletedTask;

    /// <summary>Takes a directory, the hold on it, and the network that the interface begins with.</summary>
    public DirectoryFollower(VpnDirectory directory, HubHold hold, VpnNetwork network, TimeProvider time)
    {
        (_directory, _hold, _time, _network, _keys) = (directory, hold, time, network.Copy(), new(network));
        _journal = new(() => Volatile.Read(ref _keys), Arrive, time);
    }

    /// <inheritdoc/>
    public async Task StartAsync(IRunningInterface running, CancellationToken cancellation)
    {
        _running = running;
        running.NameOf = key => Volatile.Read(ref _keys).NameOf(key);
        _directory.Record(new AuditEntry(AuditEvent.Up));
        _writing = WriteAsync();
        _observing = running.Observe(_journal);
        _hold.Watch(_changed.Ring);
        var due = await ApplyAsync().ConfigureAwait(false); // what has changed before it was watched
        _following = FollowAsync(due);
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        _observing?.Dispose();
        await _end.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        _hold.Ignore();
        _journal.Close();
        await _writing.ConfigureAwait(false);
        if (_running is not null)
            _directory.Record(new AuditEntry(AuditEvent.Down));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _end.Dispose();
    }

    private async Task FollowAsync(DateTimeOffset? due)
    {
        while (true)
            try
            {
                await SleepAsync(due).ConfigureAwait(false);
                if (!_hold.IsInPlace)
                    await Task.Delay(s_settle, _time, _end.Token).ConfigureAwait(false);
                due = await ApplyAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return; // the interface went before us
            }
            catch (IOException fault)
            {
                _running!.Log(LogLevel.Error, $"stays as it was: {fault.Message}");
                due = null; // in a while, or when there is another change
            }
    }

    private async Task SleepAsync(DateTimeOffset? due)
    {
        var sleep = due is { } time ? time - _time.GetUtcNow() : s_longestSleep;
        if (sleep > s_longestSleep)
            sleep = s_longestSleep;
        var left = sleep > TimeSpan.Zero ? sleep : TimeSpan.Zero;
        using var timer = _time.CreateTimer(_ => _changed.Ring(), null, left, Timeout.InfiniteTimeSpan);
        await _changed.WaitAsync(_end.Token).ConfigureAwait(false);
    }

    /// <summary>Makes the interface what the network is now.</summary>
    /// <returns>When time alone makes it another.</returns>
    private async Task<DateTimeOffset?> ApplyAsync()
    {
        var isRead = TryRead();
        var now = _time.GetUtcNow();
        using var given = _network.Copy(); // the interface wipes the keys that it takes
        var wanted = VpnInterface.Of(given, now, _arrived);
        using var status = await _running!.GetStatusAsync().ConfigureAwait(false);
        await _running.ApplyAsync(WireGuardChange.Between(StateOf(status, wanted.Config), wanted.Config)).ConfigureAwait(false);
        if (isRead && !ReferenceEquals(_network.At(now), _network))
            Expire();
        return wanted.ChangesAt;
    }

    // A directory that is away or broken keeps nobody in: the network is as it was, and time goes on. What is due is written down
    // when it can be read again.
    private bool TryRead()
    {
        try
        {
            _hold.Renew();
            var network = _directory.Read();
            _network.Dispose();
            _network = network;
        }
        catch (IOException fault)
        {
            _running!.Log(LogLevel.Error, $"stays as it was, but for those whose time is over: {fault.Message}");
            return false;
        }
        var keys = new PeerKeys(_network);
        Volatile.Write(ref _keys, keys);
        _journal.ForgetOthers(keys);
        ImmutableInterlocked.Update(ref _arrived, arrived => arrived.Where(key => keys.OthersOf(key).Count > 0).ToImmutableHashSet());
        return true;
    }

    // What is due is written down, so that a clock which is put back cannot undo it. It is done before: a full or slow disk keeps
    // nobody in.
    private void Expire()
    {
        try
        {
            _directory.Expire();
        }
        catch (IOException fault) // the lock is another's for long, too
        {
            _running!.Log(LogLevel.Error, fault.Message);
        }
    }

    // It listens nowhere while it is down, and what somebody has marked its packets with is theirs.
    private static WireGuardConfig StateOf(InterfaceStatus status, WireGuardConfig wanted) => new()
    {
        PrivateKey = status.PrivateKey,
        ListenPort = status.ListenPort == 0 ? wanted.ListenPort : status.ListenPort,
        FirewallMark = wanted.FirewallMark,
        Peers = [.. status.Peers.Select(peer => peer.Config)],
    };

    // An address has one owner: of a peer's several keys the one that it came with last.
    private void Arrive(PublicKey key)
    {
        var others = Volatile.Read(ref _keys).OthersOf(key);
        if (others.Count > 0 && ImmutableInterlocked.Update(ref _arrived, arrived => arrived.Except(others).Add(key)))
            _changed.Ring();
    }

    private async Task WriteAsync()
    {
        List<AuditEntry> entries = [];
        while (await _journal.Entries.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_journal.Entries.TryRead(out var entry))
                entries.Add(entry);
            try
            {
                _directory.Record(entries);
                entries.Clear();
            }
            catch (IOException fault)
            {
                _running!.Log(LogLevel.Error, fault.Message);
                if (entries.Count > MostKept)
                    entries.Clear();
            }
        }
    }
}
