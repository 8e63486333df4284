namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>What an interface knows of itself beyond <c>get=1</c>: the answer to <c>qanat_report=1</c>. There is no secret in it.</summary>
/// <remarks>Of JSON, lists that are not there are null at first: generated readers know no defaults.</remarks>
public sealed record InterfaceReport
{
    /// <summary>Its name.</summary>
    public required string Interface { get; init; }

    /// <summary>Who peers know it as, in base64; null without a private key, and of an implementation that is not Qanat.</summary>
    public string? PublicKey { get; init; }

    /// <summary>The UDP port that it listens on; 0 before it has one.</summary>
    public ushort ListenPort { get; init; }

    /// <summary>The mark of its datagrams; 0 for none.</summary>
    public uint FirewallMark { get; init; }

    /// <summary>Whether packets pass; null when that is not known.</summary>
    public bool? Up { get; init; }

    /// <summary>The device's MTU in bytes; null when it is not known.</summary>
    public int? Mtu { get; init; }

    /// <summary>The inode of the network namespace that the device is in; null when it is not known.</summary>
    public ulong? Namespace { get; init; }

    /// <summary>Packets of nobody, by the reason they were dropped for, in kebab-case (<c>no-peer</c>); those that occurred.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; init => field = value ?? Nothing; } = Nothing;

    /// <summary>Its peers, in the order in which they were added.</summary>
    public IReadOnlyList<PeerReport> Peers { get; init => field = value ?? []; } = [];

    /// <summary>No drops.</summary>
    internal static IReadOnlyDictionary<string, long> Nothing { get; } = new Dictionary<string, long>();
}

/// <summary>How a peer fares.</summary>
public sealed record PeerReport
{
    /// <summary>Who it is, in base64.</summary>
    public required string PublicKey { get; init; }

    /// <summary>What people call it; null when nobody has said.</summary>
    public string? Name { get; init; }

    /// <summary>Where it is: <c>192.0.2.7:51820</c>; null when that is not known.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The addresses that are its own: <c>10.0.0.2/32</c>.</summary>
    public IReadOnlyList<string> AllowedIps { get; init => field = value ?? []; } = [];

    /// <summary>When the last handshake was completed, UTC; null when there was none.</summary>
    public DateTimeOffset? LastHandshake { get; init; }

    /// <summary>The age of the session that is sent with, in seconds; null when there is none.</summary>
    public double? SessionAgeSeconds { get; init; }

    /// <summary>How long a message takes to it and back, in seconds; null when that is not known.</summary>
    public double? RttSeconds { get; init; }

    /// <summary>
    /// Whether the session that is sent with is under a post-quantum preshared key; null of an implementation that does not say.
    /// </summary>
    public bool? PostQuantum { get; init; }

    /// <summary>Bytes of authentic messages that arrived, as <c>wg show</c> has them: UDP payloads.</summary>
    public long RxBytes { get; init; }

    /// <summary>Bytes of messages that left, likewise.</summary>
    public long TxBytes { get; init; }

    /// <summary>Inner packets that arrived; null of an implementation that does not say.</summary>
    public long? RxPackets { get; init; }

    /// <summary>Inner packets that left, likewise.</summary>
    public long? TxPackets { get; init; }

    /// <summary>Bytes that arrive in a second; null from the interface itself, which measures no rates.</summary>
    public double? RxBytesPerSecond { get; init; }

    /// <summary>Bytes that leave in a second, likewise.</summary>
    public double? TxBytesPerSecond { get; init; }

    /// <summary>Its packets by the reason they were dropped for, in kebab-case; those that occurred.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; init => field = value ?? InterfaceReport.Nothing; } = InterfaceReport.Nothing;
}
