using System.Text.Json.Serialization;

namespace Qanat.Daemon.Api;

/// <summary>A tunnel that exists.</summary>
/// <param name="Spec">Its description, name and addresses filled in.</param>
/// <param name="Index">The device's interface index.</param>
/// <param name="Mtu">The device's MTU in bytes.</param>
/// <param name="Up">Whether the device is up.</param>
/// <param name="Counters">What passed and what did not.</param>
public sealed record TunnelReport(TunnelSpec Spec, int Index, int Mtu, bool Up, CounterReport Counters);

/// <summary>A tunnel's counters: packets (segments, not super-packets) and inner bytes.</summary>
/// <param name="RxPackets">Packets that arrived.</param>
/// <param name="RxBytes">Their bytes.</param>
/// <param name="RxErrors">Packets that arrived and could not be passed on.</param>
/// <param name="RxMulticast">Packets among those that passed whose outer destination is a group.</param>
/// <param name="TxPackets">Packets that left.</param>
/// <param name="TxBytes">Their bytes.</param>
/// <param name="TxErrors">Packets that could not be sent.</param>
/// <param name="Drops">Packets by the reason they were dropped for, in kebab-case (<c>no-route</c>); those that occurred.</param>
public sealed record CounterReport(
    long RxPackets, long RxBytes, long RxErrors, long RxMulticast, long TxPackets, long TxBytes, long TxErrors,
    IReadOnlyDictionary<string, long> Drops);

/// <summary>What went wrong: the kernel's error number and text, and what to do about it where that is known.</summary>
/// <param name="Errno">As the kernel would have answered: 17 for a tunnel that exists.</param>
/// <param name="Error">Its text: <c>File exists</c>.</param>
/// <param name="Hint">A sentence for a person, or null.</param>
public sealed record ApiError(int Errno, string Error, string? Hint = null);

/// <summary>The answer to <c>GET /v1/status</c>.</summary>
/// <param name="Version">The daemon's version.</param>
/// <param name="Pid">Its process.</param>
/// <param name="Namespace">The network namespace's name, or its <c>net:[inode]</c>.</param>
/// <param name="Started">When it started, UTC.</param>
/// <param name="Tunnels">How many tunnels it keeps.</param>
/// <param name="DataPath">How packets move: <c>user</c>.</param>
/// <param name="Features">The offloads and fast paths that were found, each with on or off and why.</param>
public sealed record DaemonStatus(
    string Version, int Pid, string Namespace, DateTimeOffset Started, int Tunnels, string DataPath,
    IReadOnlyDictionary<string, string> Features);

/// <summary>JSON of the API, generated at build time; names in camelCase.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TunnelSpec))]
[JsonSerializable(typeof(RouterSpec))]
[JsonSerializable(typeof(SixRdSpec))]
[JsonSerializable(typeof(BatchSpec))]
[JsonSerializable(typeof(BatchReport))]
[JsonSerializable(typeof(TunnelReport))]
[JsonSerializable(typeof(TunnelReport[]))]
[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(DaemonStatus))]
[JsonSerializable(typeof(FouPort[]))]
[JsonSerializable(typeof(L2tpTunnel[]))]
[JsonSerializable(typeof(FdbEntry[]))]
[JsonSerializable(typeof(FdbFilter))]
public sealed partial class ApiJson : JsonSerializerContext;
