namespace Qanat.WireGuard.Tests.Simulation;

/// <summary>What a network does to datagrams.</summary>
/// <param name="Loss">The part that is lost.</param>
/// <param name="Duplication">The part that arrives twice.</param>
/// <param name="Corruption">The part in which a bit changes.</param>
/// <param name="MaxDelay">The longest way, in seconds; others are shorter, and overtake.</param>
internal readonly record struct Conditions(double Loss, double Duplication, double Corruption, double MaxDelay)
{
    public static Conditions Perfect => new(0, 0, 0, 0);
}

/// <summary>A network in memory, whose hosts do things in the order of their clock. The same seed gives the same history.</summary>
internal sealed class SimulatedNetwork(int seed) : IDisposable
{
    private const long MinDelay = TimeSpan.TicksPerMillisecond;

    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly List<SimulatedHost> _hosts = [];
    private long _order;

    public SimulatedTime Time { get; } = new();

    public Random Random { get; } = new(seed);

    public Conditions Conditions { get; set; } = Conditions.Perfect;

    /// <summary>Bytes of the largest UDP payload that a host gets through; others are lost without a word.</summary>
    public Func<SimulatedHost, int> Largest { get; set; } = static _ => int.MaxValue;

    /// <summary>Says which datagrams are lost besides.</summary>
    public Func<SimulatedHost, byte[], bool> IsLost { get; set; } = static (_, _) => false;

    /// <summary>Sees each datagram that is sent, before anything happens to it.</summary>
    public Action<SimulatedHost, Endpoint, byte[]>? Sent { get; set; }

    public SimulatedHost AddHost(int number)
    {
        var host = new SimulatedHost(this, number);
        _hosts.Add(host);
        return host;
    }

    public void Transmit(SimulatedHost sender, Endpoint to, byte[] datagram)
    {
        Sent?.Invoke(sender, to, datagram);
        var conditions = Conditions;
        if (datagram.Length > Largest(sender) || IsLost(sender, datagram) || Random.NextDouble() < conditions.Loss)
            return;
        for (var copies = Random.NextDouble() < conditions.Duplication ? 2 : 1; copies > 0; copies--)
        {
            var copy = (byte[])datagram.Clone();
            if (Random.NextDouble() < conditions.Corruption)
                copy[Random.Next(copy.Length)] ^= (byte)(1 << Random.Next(8));
            Deliver(sender.Here, to, copy, MinDelay + (long)(Random.NextDouble() * conditions.MaxDelay * TimeSpan.TicksPerSecond));
        }
    }

    /// <summary>Has a datagram arrive, wherever it may come from.</summary>
    public void Deliver(Endpoint from, Endpoint to, byte[] datagram, long delay = MinDelay) =>
        Schedule(Time.Ticks + delay, () => _hosts.Find(host => host.Here.IsAt(to))?.Receive(datagram, from));

    public void After(double seconds, Action action) => Schedule(Time.Ticks + (long)(seconds * TimeSpan.TicksPerSecond), action);

    /// <summary>Lets so much time pass.</summary>
    public void Run(double seconds)
    {
        var end = Time.Ticks + (long)(seconds * TimeSpan.TicksPerSecond);
        while (true)
        {
            var next = _events.TryPeek(out _, out var first) ? first.At : long.MaxValue;
            SimulatedHost? waking = null;
            foreach (var host in _hosts)
                if (host.WakeAt < next)
                    (waking, next) = (host, host.WakeAt);
            if (next > end)
                break;
            Time.Ticks = Math.Max(Time.Ticks, next);
            if (waking is not null)
                waking.Tick();
            else
                _events.Dequeue()();
        }
        Time.Ticks = end;
    }

    public void Dispose() => _hosts.ForEach(host => host.Dispose());

    private void Schedule(long at, Action action) => _events.Enqueue(action, (at, _order++));
}
