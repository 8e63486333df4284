using System.Text.Json.Serialization;

namespace Qanat.Vpn.Storage;

/// <summary>What may be said in the audit log.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditEvent>))]
public enum AuditEvent
{
    /// <summary>The network was made.</summary>
    [JsonStringEnumMemberName("init")]
    Init,

    /// <summary>The hub's interface came up.</summary>
    [JsonStringEnumMemberName("up")]
    Up,

    /// <summary>The hub's interface went down.</summary>
    [JsonStringEnumMemberName("down")]
    Down,

    /// <summary>A peer was invited.</summary>
    [JsonStringEnumMemberName("invite")]
    Invite,

    /// <summary>A peer was removed.</summary>
    [JsonStringEnumMemberName("revoke")]
    Revoke,

    /// <summary>A peer got another key.</summary>
    [JsonStringEnumMemberName("rotate")]
    Rotate,

    /// <summary>A peer's time was over.</summary>
    [JsonStringEnumMemberName("expire")]
    Expire,

    /// <summary>The time of a key that was replaced was over.</summary>
    [JsonStringEnumMemberName("expire-key")]
    ExpireKey,

    /// <summary>A peer came, after it had been silent or away.</summary>
    [JsonStringEnumMemberName("connect")]
    Connect,

    /// <summary>A peer that was there sends from another place.</summary>
    [JsonStringEnumMemberName("roam")]
    Roam,

    /// <summary>A peer was not heard of for so long that its session is over.</summary>
    [JsonStringEnumMemberName("disconnect")]
    Disconnect,
}

/// <summary>A line of the audit log. It never has a key in it.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Peer">To whom; null for the network itself.</param>
public sealed record AuditEntry(AuditEvent Event, string? Peer = null)
{
    /// <summary>When; the present unless it is said.</summary>
    [JsonPropertyOrder(-1)]
    public DateTimeOffset? Time { get; init; }

    /// <summary>From where a peer came: <c>192.0.2.7:51820</c>.</summary>
    public string? From { get; init; }

    /// <summary>The peer's addresses, when it got them.</summary>
    public string? Addresses { get; init; }

    /// <summary>Until when a peer, or the former key of one, is good.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who did it: <c>root</c>, <c>alice (sudo)</c>, <c>uid 1000</c>; null for the hub itself.</summary>
    public string? Who { get; init; }
}
