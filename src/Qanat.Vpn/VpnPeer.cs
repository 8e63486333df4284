using System.Text.Json.Serialization;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn;

/// <summary>One who was invited to a network.</summary>
public sealed record VpnPeer
{
    /// <summary>What it is called: <see cref="VpnText.PeerName"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Its key. The private one is the peer's alone.</summary>
    public required PublicKey PublicKey { get; init; }

    /// <summary>The key that it shares with the hub; null for none.</summary>
    public SecretKey? PresharedKey { get; init; }

    /// <summary>Its addresses, one of each of the network's subnets, in their order.</summary>
    public required IReadOnlyList<IpAddress> Addresses { get; init; }

    /// <summary>What it sends through the tunnel, when that is not what the network's access says; null when it is.</summary>
    public IReadOnlyList<AllowedIp>? Split { get; init; }

    /// <summary>When it was invited.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it may connect no more; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>True once that time has come. It is remembered, for clocks can be put back.</summary>
    public bool HasExpired { get; init; }

    /// <summary>The key that it had before, while that is still good, with those from before that one; null when there is none.</summary>
    public FormerKey? Former { get; init; }

    /// <summary>All keys that it had before and that are still good, the last one first.</summary>
    public IEnumerable<FormerKey> FormerKeys
    {
        get
        {
            for (var key = Former; key is not null; key = key.Before)
                yield return key;
        }
    }

    /// <summary>Its addresses as a hub allows them.</summary>
    public IEnumerable<AllowedIp> AllowedIps => Addresses.Select(address => new AllowedIp(address, address.IsIPv6 ? 128 : 32));

    /// <summary>The same peer at a later time: expired when that is due, without the former keys whose time is over.</summary>
    public VpnPeer At(DateTimeOffset now)
    {
        var expires = !HasExpired && Expires <= now;
        var former = expires || HasExpired ? null : Former?.At(now);
        return expires || !ReferenceEquals(former, Former) ? this with { HasExpired = HasExpired || expires, Former = former } : this;
    }
}

/// <summary>A key that was replaced, and is good for some time yet.</summary>
/// <param name="PublicKey">The key.</param>
/// <param name="PresharedKey">The key that went with it; null for none.</param>
/// <param name="Until">When it is good no more.</param>
public sealed record FormerKey(PublicKey PublicKey, SecretKey? PresharedKey, DateTimeOffset Until)
{
    /// <summary>The key that was replaced by this one, while that is good too; null when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FormerKey? Before { get; init; }

    /// <summary>Those keys of this one and those before it that are good at a later time. The very same when all are.</summary>
    public FormerKey? At(DateTimeOffset now)
    {
        var before = Before?.At(now);
        return Until <= now ? before : ReferenceEquals(before, Before) ? this : this with { Before = before };
    }

    /// <summary>The same keys, none of which is good beyond a time.</summary>
    public FormerKey Within(DateTimeOffset end) => this with { Until = Until < end ? Until : end, Before = Before?.Within(end) };
}
