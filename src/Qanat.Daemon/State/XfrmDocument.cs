using System.Text.Json.Serialization;
using Qanat.Daemon.Api;

namespace Qanat.Daemon.State;

/// <summary>What the file of states and policies holds. Keys are in it, so it is its owner's alone.</summary>
/// <param name="Version">Of the format: <see cref="CurrentVersion"/>.</param>
/// <param name="Boot">The boot that they belong to (/proc/sys/kernel/random/boot_id).</param>
/// <param name="Cookie">The network namespace's cookie, which tells a namespace from a later one with the same inode.</param>
/// <param name="States">The states, the newest first.</param>
/// <param name="Policies">The policies, the newest first.</param>
internal sealed record XfrmDocument(
    int Version, string Boot, ulong Cookie, IReadOnlyList<XfrmStateEntry> States, IReadOnlyList<XfrmPolicyEntry> Policies)
    : IKeptDocument
{
    /// <summary>The format's version, raised when an older program would misread the file.</summary>
    public const int CurrentVersion = 1;
}

/// <summary>A state in the file.</summary>
/// <param name="Spec">Its description. Its <c>replayOseq</c> is one that no packet has had, nor any will before the next save.</param>
/// <param name="Usage">What had passed when this was written.</param>
internal sealed record XfrmStateEntry(XfrmStateSpec Spec, XfrmUsageReport Usage);

/// <summary>A policy in the file.</summary>
/// <param name="Spec">Its description.</param>
/// <param name="Usage">What had passed when this was written.</param>
internal sealed record XfrmPolicyEntry(XfrmPolicySpec Spec, XfrmUsageReport Usage);

/// <summary>JSON of the file, generated at build time. A member that is missing or unknown makes the file a bad one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(XfrmDocument))]
internal sealed partial class XfrmStateJson : JsonSerializerContext;
