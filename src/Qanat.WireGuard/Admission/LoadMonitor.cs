namespace Qanat.WireGuard;

/// <summary>
/// Whether so many handshakes wait that senders must first prove their address by a cookie: from an eighth of the queue on,
/// and for a second afterwards (drivers/net/wireguard/receive.c: wg_receive_handshake_packet).
/// </summary>
internal struct LoadMonitor
{
    /// <summary>The part of the queue from which on there is too much to do.</summary>
    public const int Part = 8;

    private const long Stickiness = TimeSpan.TicksPerSecond;

    private long _until;

    /// <summary>Judges anew.</summary>
    /// <param name="waiting">Handshakes that wait.</param>
    /// <param name="limit">The most that may.</param>
    /// <param name="now">100 ns since any moment; it does not go back.</param>
    public bool IsUnderLoad(int waiting, int limit, long now)
    {
        if (waiting >= limit / Part)
            _until = now + Stickiness;
        return now < _until;
    }
}
