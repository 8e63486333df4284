namespace Qanat.Daemon.Control;

/// <summary>
/// The tunnels that are kept, found by their device and by their key. Written by one writer at a time, read from any thread.
/// </summary>
internal sealed class KeptTunnels
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, KeptTunnel> _byIndex = [];
    private readonly Dictionary<TunnelKey, int> _byKey = [];
    private readonly Dictionary<TunnelTableKind, int> _counts = []; // fallback devices left out
    private KeptTunnel[]? _ordered;
    private volatile int _idle;
    private volatile int _fallbacks;
    private volatile int _count;

    /// <summary>How many there are.</summary>
    public int Count => _count;

    /// <summary>Whether the data plane could not attach to one of them.</summary>
    public bool HasIdle => _idle > 0;

    /// <summary>Whether there is a fallback device.</summary>
    public bool HasFallback => _fallbacks > 0;

    /// <summary>All of them as they are now, in the order of their indices.</summary>
    public IReadOnlyList<KeptTunnel> All
    {
        get
        {
            lock (_lock)
                return _ordered ??= [.. _byIndex.Values.OrderBy(kept => kept.Index)];
        }
    }

    /// <summary>The tunnel with that device, or null.</summary>
    public KeptTunnel? Find(int index)
    {
        lock (_lock)
            return _byIndex.GetValueOrDefault(index);
    }

    /// <summary>True when a tunnel has that key.</summary>
    public bool Has(TunnelKey key)
    {
        lock (_lock)
            return _byKey.ContainsKey(key);
    }

    /// <summary>How many tunnels a table has, fallback devices left out.</summary>
    public int CountOf(TunnelTableKind table)
    {
        lock (_lock)
            return _counts.GetValueOrDefault(table);
    }

    /// <summary>Keeps a tunnel, in the place of what was known of its device.</summary>
    public void Put(KeptTunnel kept)
    {
        lock (_lock)
        {
            Take(kept.Index);
            _byIndex.Add(kept.Index, kept);
            _byKey.TryAdd(TunnelKey.Of(kept.Parameters), kept.Index);
            Account(kept, +1);
        }
    }

    /// <summary>Keeps a tunnel no more.</summary>
    public void Remove(int index)
    {
        lock (_lock)
            Take(index);
    }

    private void Take(int index)
    {
        _ordered = null;
        if (!_byIndex.Remove(index, out var known))
            return;
        var key = TunnelKey.Of(known.Parameters);
        if (_byKey.GetValueOrDefault(key) == index)
            _byKey.Remove(key);
        Account(known, -1);
    }

    private void Account(KeptTunnel kept, int by)
    {
        _count += by;
        if (kept.Running is null)
            _idle += by;
        var table = ModeFacts.Of(kept.Parameters.Mode).Table;
        if (kept.IsFallback)
            _fallbacks += by;
        else
            _counts[table] = _counts.GetValueOrDefault(table) + by;
    }
}
