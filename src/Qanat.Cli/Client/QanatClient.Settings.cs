using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Client;

/// <summary>What the daemon keeps beside its tunnels.</summary>
internal sealed partial class QanatClient
{
    private const string FouPath = "/v1/fou", L2tpPath = "/v1/l2tp/tunnels";

    /// <inheritdoc/>
    public IReadOnlyList<FouPort> ListFouPorts() => ListAll(FouPath, ApiJson.Default.FouPortArray);

    /// <inheritdoc/>
    public void AddFouPort(FouPort port) =>
        Check(TrySend("POST", FouPath, JsonSerializer.SerializeToUtf8Bytes(port, ApiJson.Default.FouPort), start: true)!.Value);

    /// <inheritdoc/>
    public void DeleteFouPort(FouPort port)
    {
        var query = Query(
            ("port", $"{port.Port}"), ("family", port.Family), ("local", port.Local), ("peer", port.Peer),
            ("peerPort", $"{port.PeerPort}"), ("dev", port.Dev));
        Check(TrySend("DELETE", FouPath + query, [], start: KeepsTunnels) ?? throw new ApiException(Errno.EINVAL));
    }

    /// <inheritdoc/>
    public IReadOnlyList<L2tpTunnel> ListL2tpTunnels() => ListAll(L2tpPath, ApiJson.Default.L2tpTunnelArray);

    /// <inheritdoc/>
    public void AddL2tpTunnel(L2tpTunnel tunnel) =>
        Check(TrySend("POST", L2tpPath, JsonSerializer.SerializeToUtf8Bytes(tunnel, ApiJson.Default.L2tpTunnel), start: true)!.Value);

    /// <inheritdoc/>
    public void DeleteL2tpTunnel(uint id) =>
        Check(TrySend("DELETE", $"{L2tpPath}/{id}", [], start: KeepsTunnels) ?? throw new ApiException(Errno.ENODEV));

    /// <inheritdoc/>
    public IReadOnlyList<FdbEntry> ListFdb(string name) =>
        Read(SendAbout(name, "GET", "/fdb", []), body => Deserialize(body, ApiJson.Default.FdbEntryArray));

    /// <inheritdoc/>
    public void AddFdb(string name, string verb, FdbEntry entry) => Check(SendAbout(
        name, "POST", "/fdb" + Query(("verb", verb)), JsonSerializer.SerializeToUtf8Bytes(entry, ApiJson.Default.FdbEntry)));

    /// <inheritdoc/>
    public void DeleteFdb(string name, FdbEntry entry)
    {
        var query = Query(("mac", entry.Mac), ("dst", entry.Dst), ("port", $"{entry.Port}"), ("vni", $"{entry.Vni}"), ("via", entry.Via));
        Check(SendAbout(name, "DELETE", "/fdb" + query, []));
    }

    /// <inheritdoc/>
    public void FlushFdb(string name, FdbFilter filter) => Check(SendAbout(
        name, "POST", "/fdb:flush", JsonSerializer.SerializeToUtf8Bytes(filter, ApiJson.Default.FdbFilter)));

    private T[] ListAll<T>(string path, JsonTypeInfo<T[]> type) =>
        TrySend("GET", path, [], start: KeepsTunnels) is { } response ? Read(response, body => Deserialize(body, type)) : [];

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> members)
    {
        var query = "";
        foreach (var (name, value) in members)
            if (!string.IsNullOrEmpty(value))
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
        return query;
    }
}
