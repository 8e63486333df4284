using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qanat.Daemon.Api;

/// <summary>
/// How bodies of requests are read: strictly, so that a misspelt member is an error and not a tunnel with a default. (Answers are
/// read leniently, with <see cref="ApiJson"/>: a newer daemon may say more.)
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false, RespectNullableAnnotations = true, ReadCommentHandling = JsonCommentHandling.Disallow)]
[JsonSerializable(typeof(TunnelSpec))]
[JsonSerializable(typeof(RouterSpec))]
[JsonSerializable(typeof(SixRdSpec))]
[JsonSerializable(typeof(BatchSpec))]
[JsonSerializable(typeof(FouPort))]
[JsonSerializable(typeof(L2tpTunnel))]
[JsonSerializable(typeof(FdbEntry))]
[JsonSerializable(typeof(FdbFilter))]
[JsonSerializable(typeof(XfrmStateSpec))]
[JsonSerializable(typeof(XfrmPolicySpec))]
internal sealed partial class RequestJson : JsonSerializerContext;
