using Qanat.WireGuard.Tests.Simulation;

namespace Qanat.WireGuard.Tests.Devices;

/// <summary>Two hosts that know each other, on a network that does no harm unless it is told to.</summary>
internal sealed class TwoHosts : IDisposable
{
    public TwoHosts()
    {
        Left = Network.AddHost(0);
        Right = Network.AddHost(1);
        RightAtLeft = Left.Meet(Right);
        LeftAtRight = Right.Meet(Left);
        Network.Sent = (sender, _, datagram) => Seen.Add((Network.Time.Ticks, sender, datagram));
    }

    public SimulatedNetwork Network { get; } = new(seed: 1);

    public SimulatedHost Left { get; }

    public SimulatedHost Right { get; }

    /// <summary>The right host, as the left one knows it.</summary>
    public Peer RightAtLeft { get; }

    /// <summary>The left host, as the right one knows it.</summary>
    public Peer LeftAtRight { get; }

    /// <summary>What was on the wire.</summary>
    public List<(long At, SimulatedHost Sender, byte[] Datagram)> Seen { get; } = [];

    /// <summary>Has one packet pass from left to right, and all calm down that follows from it.</summary>
    public TwoHosts Connect()
    {
        Left.Send(Right, 0);
        Network.Run(0.1);
        if (Right.Arrived is not [0])
            throw new InvalidOperationException("There is no session.");
        Forget();
        return this;
    }

    /// <summary>Forgets what was seen and what arrived.</summary>
    public void Forget()
    {
        Seen.Clear();
        Left.Arrived.Clear();
        Right.Arrived.Clear();
        Left.Events.Clear();
        Right.Events.Clear();
    }

    /// <summary>The types of the messages that one host sent.</summary>
    public IEnumerable<MessageType> SentBy(SimulatedHost host) =>
        Seen.Where(seen => seen.Sender == host).Select(seen => Message.TypeOf(seen.Datagram));

    /// <summary>How many empty messages one host sent.</summary>
    public int KeepalivesOf(SimulatedHost host) =>
        Seen.Count(seen => seen.Sender == host && seen.Datagram.Length == TransportMessage.MinSize);

    public void Lose() => Network.Conditions = Conditions.Perfect with { Loss = 1 };

    public void Heal() => Network.Conditions = Conditions.Perfect;

    public void Dispose() => Network.Dispose();
}
