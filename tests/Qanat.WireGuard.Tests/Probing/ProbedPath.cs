namespace Qanat.WireGuard.Tests.Probing;

/// <summary>A path to a peer, which loses what is too large for it and some of the rest, and a prober that knows nothing of it.</summary>
internal sealed class ProbedPath(PathProber prober, int seed = 1)
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond, Step = 10 * Millisecond;

    private readonly Random _random = new(seed);
    private readonly Queue<(long At, Probe Probe)> _answers = [];

    /// <summary>The time.</summary>
    public long Now { get; private set; }

    /// <summary>Bytes of the largest packet that arrives.</summary>
    public int Mtu { get; set; } = 1500;

    /// <summary>The part of all packets that is lost.</summary>
    public double Loss { get; set; }

    /// <summary>The time there and back.</summary>
    public long RoundTrip { get; set; } = 20 * Millisecond;

    /// <summary>How the peer can be asked.</summary>
    public ProbeMeans Answers { get; set; } = ProbeMeans.Control;

    /// <summary>The size of the packets that are sent all the time; null for silence.</summary>
    public int? Traffic { get; set; } = 1500;

    /// <summary>Probes that were sent.</summary>
    public List<Probe> Sent { get; } = [];

    /// <summary>Lets time pass, until the condition holds if there is one.</summary>
    /// <returns>Seconds that have passed.</returns>
    public double Run(double seconds, Func<bool>? until = null)
    {
        var begun = Now;
        for (var end = Now + (long)(seconds * TimeSpan.TicksPerSecond); Now < end && until?.Invoke() != true; Now += Step)
        {
            while (_answers.TryPeek(out var answer) && answer.At <= Now)
                prober.Answer(answer.Probe.Means, _answers.Dequeue().Probe.Identifier, Now);
            if (Traffic is { } size && prober.Due == PeerTimers.Unset)
                prober.TryWake(size, Now);
            while (prober.TryNext(Now, out var probe))
                Send(probe);
        }
        return (Now - begun) / (double)TimeSpan.TicksPerSecond;
    }

    private void Send(Probe probe)
    {
        Sent.Add(probe);
        if (probe.Means == Answers && probe.Size <= Mtu && _random.NextDouble() >= Loss)
            _answers.Enqueue((Now + RoundTrip, probe));
    }
}
