using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Daemon.Api;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Sight;

/// <summary>What <c>qanat top</c> shows: what is now, and how fast it went since the view before.</summary>
/// <param name="Interfaces">The WireGuard interfaces that answered; peers have their rates.</param>
/// <param name="Silent">Those that did not.</param>
/// <param name="Tunnels">The tunnels of the daemon of this network namespace.</param>
internal sealed record TopView(
    IReadOnlyList<InterfaceReport> Interfaces, IReadOnlyList<SilentInterface> Silent, IReadOnlyList<TunnelView> Tunnels)
{
    /// <summary>Whether there is nothing to show.</summary>
    [JsonIgnore]
    public bool IsEmpty => Interfaces.Count + Silent.Count + Tunnels.Count == 0;

    /// <summary>As a JSON document.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Indented.TopView) + "\n";

    private static TopJson Indented { get; } = new(new JsonSerializerOptions(TopJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // for a terminal, not for HTML
    });
}

/// <summary>An interface that does not say how it fares.</summary>
/// <param name="Interface">Its name.</param>
/// <param name="Reason">Why, for people.</param>
internal sealed record SilentInterface(string Interface, string Reason);

/// <summary>A tunnel, and how fast packets pass.</summary>
/// <param name="Name">The device's name.</param>
/// <param name="Mode">What is carried in what.</param>
/// <param name="Remote">The far end.</param>
/// <param name="Up">Whether the device is up.</param>
/// <param name="Counters">What passed and what did not.</param>
/// <param name="RxBytesPerSecond">Bytes that arrive in a second; null at first.</param>
/// <param name="TxBytesPerSecond">Bytes that leave in a second; null at first.</param>
internal sealed record TunnelView(
    string Name, string Mode, string Remote, bool Up, CounterReport Counters, double? RxBytesPerSecond, double? TxBytesPerSecond);

/// <summary>JSON of the view, generated at build time; names in camelCase.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TopView))]
internal sealed partial class TopJson : JsonSerializerContext;
