using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Vpn;
using Qanat.Vpn.Storage;

namespace Qanat.Cli.Commands.Vpn;

/// <summary>A network, for programs. There is no secret in it.</summary>
internal sealed record NetworkReport(
    string Name, string Directory, bool Up, string Endpoint, ushort ListenPort, string PublicKey, IReadOnlyList<string> Subnets,
    IReadOnlyList<string> Addresses, string Access, IReadOnlyList<string> Dns, int? Mtu, bool PostQuantum,
    DateTimeOffset Created, IReadOnlyList<MemberReport> Peers)
{
    /// <summary>A network as it is kept, and as its interface has it.</summary>
    public static NetworkReport Of(VpnNetwork network, VpnDirectory directory, HubStatus? hub) => new(
        network.Name, directory.Folder, hub is not null, network.Endpoint.ToString(), network.ListenPort, network.PublicKey.ToString(),
        [.. network.Subnets.Select(subnet => subnet.ToString())], [.. network.Addresses.Select(address => address.Address.ToString())],
        network.Access.ToString(), [.. network.DnsServers.Select(server => server.ToString()), .. network.DnsSearch], network.Mtu,
        network.PostQuantum, network.Created, [.. network.Peers.Select(peer => MemberReport.Of(network, peer, hub))]);
}

/// <summary>A peer, for programs.</summary>
internal sealed record MemberReport(
    string Name, string PublicKey, IReadOnlyList<string> Addresses, IReadOnlyList<string> Through, DateTimeOffset Created,
    DateTimeOffset? Expires, bool Expired, IReadOnlyList<FormerKeyReport> FormerKeys, string? Endpoint,
    DateTimeOffset? LastHandshake, long RxBytes, long TxBytes, bool PostQuantum)
{
    /// <summary>A peer; of its keys, while it has several, the traffic is added up, and the later handshake counts.</summary>
    public static MemberReport Of(VpnNetwork network, VpnPeer peer, HubStatus? hub)
    {
        HubPeer[] there =
        [
            .. peer.FormerKeys.Select(former => former.PublicKey).Prepend(peer.PublicKey)
                .Select(key => hub?.Peers.GetValueOrDefault(key)).OfType<HubPeer>(),
        ];
        var last = there.MaxBy(one => one.LastHandshake ?? DateTimeOffset.MinValue);
        return new(
            peer.Name, peer.PublicKey.ToString(), [.. peer.Addresses.Select(address => address.ToString())],
            [.. VpnClientFile.Through(network, peer).Select(prefix => prefix.ToString())], peer.Created, peer.Expires, peer.HasExpired,
            [.. peer.FormerKeys.Select(former => new FormerKeyReport(former.PublicKey.ToString(), former.Until))],
            last?.Endpoint, last?.LastHandshake, there.Sum(one => one.RxBytes), there.Sum(one => one.TxBytes),
            last is { PostQuantum: true });
    }
}

/// <summary>A key that was replaced, and is good yet.</summary>
internal sealed record FormerKeyReport(string PublicKey, DateTimeOffset Until);

/// <summary>Writes these reports.</summary>
internal static class VpnJson
{
    private static readonly ReportJson s_json =
        new(new JsonSerializerOptions(ReportJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>A network.</summary>
    public static string Text(NetworkReport network) => JsonSerializer.Serialize(network, s_json.NetworkReport) + "\n";

    /// <summary>Peers.</summary>
    public static string Text(IReadOnlyList<MemberReport> peers) =>
        JsonSerializer.Serialize(peers, s_json.IReadOnlyListMemberReport) + "\n";
}

/// <summary>JSON of these reports, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(NetworkReport))]
[JsonSerializable(typeof(IReadOnlyList<MemberReport>))]
internal sealed partial class ReportJson : JsonSerializerContext;
