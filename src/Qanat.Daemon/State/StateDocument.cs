using System.Text.Json.Serialization;
using Qanat.Daemon.Api;

namespace Qanat.Daemon.State;

/// <summary>What the state file holds.</summary>
/// <param name="Version">Of the format: <see cref="CurrentVersion"/>.</param>
/// <param name="Boot">The boot that the devices belong to (/proc/sys/kernel/random/boot_id).</param>
/// <param name="Cookie">The network namespace's cookie, which tells a namespace from a later one with the same inode.</param>
/// <param name="Tunnels">The tunnels.</param>
internal sealed record StateDocument(int Version, string Boot, ulong Cookie, IReadOnlyList<StateEntry> Tunnels) : IKeptDocument
{
    /// <summary>The format's version, raised when an older program would misread the file.</summary>
    public const int CurrentVersion = 2;
}

/// <summary>How far a tunnel has come.</summary>
internal enum StatePhase
{
    /// <summary>To be made: no device outlives the process yet.</summary>
    Adding,

    /// <summary>Its device has the index that is written beside it.</summary>
    Live,

    /// <summary>To be removed: its device is to go.</summary>
    Removing,
}

/// <summary>A tunnel in the state file.</summary>
internal sealed record StateEntry
{
    /// <summary>How far it has come.</summary>
    public required StatePhase Phase { get; init; }

    /// <summary>The device's index, which identifies it; 0 while <see cref="StatePhase.Adding"/>.</summary>
    public required int Index { get; init; }

    /// <summary>
    /// The tunnel as its user described it, by the name that its device had when this was written; without an underlay device.
    /// </summary>
    public required TunnelSpec Spec { get; init; }

    /// <summary>Index of the underlay device, 0 for none: its name may change.</summary>
    public int Link { get; init; }

    /// <summary>The MTU that a change under way is about to give the device; 0 when none is.</summary>
    public int PendingMtu { get; init; }

    /// <summary>True for a fallback device.</summary>
    public bool IsFallback { get; init; }
}

/// <summary>JSON of the state file, generated at build time. A member that is missing or unknown makes the file a bad one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StateDocument))]
[JsonSerializable(typeof(FirstStateDocument))]
internal sealed partial class StateJson : JsonSerializerContext;
