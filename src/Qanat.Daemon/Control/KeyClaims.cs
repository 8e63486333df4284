namespace Qanat.Daemon.Control;

/// <summary>Which keys are taken, with what is about to be added, changed and removed together taken for done.</summary>
internal sealed class KeyClaims(KeptTunnels tunnels)
{
    private readonly HashSet<TunnelKey> _claimed = [];
    private readonly HashSet<TunnelKey> _freed = [];

    /// <summary>True when a tunnel has the key, or is to have it.</summary>
    public bool IsTaken(TunnelKey key) => _claimed.Contains(key) || (tunnels.Has(key) && !_freed.Contains(key));

    /// <summary>A tunnel is to have the key.</summary>
    public void Claim(TunnelKey key) => _claimed.Add(key);

    /// <summary>The tunnel that has the key is not to have it any more.</summary>
    public void Free(TunnelKey key) => _freed.Add(key);
}
