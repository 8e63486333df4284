using System.Text.Json.Serialization;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>JSON of reports and events, generated at build time; names in camelCase, what is not known left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InterfaceReport))]
[JsonSerializable(typeof(InterfaceEvent))]
public sealed partial class SightJson : JsonSerializerContext;
