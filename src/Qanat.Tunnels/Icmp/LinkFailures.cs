namespace Qanat.Tunnels;

/// <summary>
/// Errors that the path reported about outer packets. They quote too little to be translated, so they are remembered, and
/// each of the next inner packets uses one up and is answered with host unreachable (net/ipv4/ipip.c: ipip_err,
/// IPTUNNEL_ERR_TIMEO).
/// </summary>
internal struct LinkFailures
{
    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(30);

    private int _count;
    private long _last;

    /// <summary>Remembers one more.</summary>
    public void Add(TimeProvider time)
    {
        _count = time.GetElapsedTime(_last) < s_memory ? _count + 1 : 1;
        _last = time.GetTimestamp();
    }

    /// <summary>Uses one up, if there is one that is not too old.</summary>
    public bool TryUse(TimeProvider time)
    {
        if (_count == 0)
            return false;
        if (time.GetElapsedTime(_last) >= s_memory)
        {
            _count = 0;
            return false;
        }
        _count--;
        return true;
    }
}
