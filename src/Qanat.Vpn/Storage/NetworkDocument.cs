using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn.Storage;

/// <summary>What <c>network.json</c> holds.</summary>
internal sealed record NetworkDocument(
    int Version, PeerEndpoint Endpoint, SecretKey PrivateKey, IReadOnlyList<AllowedIp> Subnets, VpnAccess Access,
    IReadOnlyList<IpAddress> DnsServers, IReadOnlyList<string> DnsSearch, DateTimeOffset Created, IReadOnlyList<VpnPeer> Peers,
    int? Mtu, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool PostQuantum = false)
{
    private const int CurrentVersion = 1;

    /// <summary>Writes a network. What is written holds keys.</summary>
    public static void Write(IBufferWriter<byte> output, VpnNetwork network)
    {
        using var writer = new Utf8JsonWriter(output, new()
        {
            Indented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // a key has plus signs, which stay as they are
        });
        JsonSerializer.Serialize(writer, new NetworkDocument(
            CurrentVersion, network.Endpoint, network.PrivateKey, network.Subnets, network.Access, network.DnsServers,
            network.DnsSearch, network.Created, network.Peers, network.Mtu, network.PostQuantum), NetworkJson.Default.NetworkDocument);
    }

    /// <summary>Reads a network.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">The network's name.</param>
    /// <param name="path">The file's name, for the message.</param>
    /// <exception cref="VpnException">It makes no sense.</exception>
    public static VpnNetwork Read(ReadOnlySpan<byte> bytes, string name, string path)
    {
        try
        {
            var document = JsonSerializer.Deserialize(bytes, NetworkJson.Default.NetworkDocument)
                ?? throw new VpnException("it is empty");
            if (document.Version != CurrentVersion)
                throw new VpnException($"its format is version {document.Version}, and this program knows {CurrentVersion}");
            var network = document.ToNetwork(name);
            NetworkRules.Check(network);
            return network;
        }
        catch (Exception fault) when (fault is JsonException or VpnException)
        {
            var where = fault is JsonException { LineNumber: { } line } ? $":{line + 1}" : "";
            var what = fault is JsonException json ? $"this makes no sense, at {json.Path ?? "its beginning"}" : fault.Message;
            throw new VpnException($"{path}{where}: {what}; put back a copy of the file that was whole");
        }
    }

    private VpnNetwork ToNetwork(string name) => new()
    {
        Name = name,
        Endpoint = Endpoint,
        PrivateKey = PrivateKey,
        Subnets = Subnets,
        Access = Access,
        DnsServers = DnsServers,
        DnsSearch = DnsSearch,
        Mtu = Mtu,
        PostQuantum = PostQuantum,
        Created = Created,
        Peers = Peers,
    };
}

/// <summary>
/// JSON of the file, generated at build time. A member that is unknown, or missing where nothing stands for it, makes the file a
/// bad one.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    IgnoreReadOnlyProperties = true,
    Converters = [
        typeof(SecretKeyConverter), typeof(PublicKeyConverter), typeof(AddressConverter), typeof(AllowedIpConverter),
        typeof(EndpointConverter), typeof(AccessConverter)])]
[JsonSerializable(typeof(NetworkDocument))]
internal sealed partial class NetworkJson : JsonSerializerContext;
