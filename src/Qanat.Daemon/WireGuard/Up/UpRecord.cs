using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Daemon.State;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>A rule of policy routing that goes with a default route.</summary>
/// <param name="IsIPv6">Its family.</param>
/// <param name="Priority">Its place, which no other rule of ours has: interfaces have rules that say the same.</param>
/// <param name="Mark">What has not this mark looks into the table of that number; null: all look into the main table.</param>
internal sealed record KeptRule(bool IsIPv6, uint Priority, uint? Mark);

/// <summary>What an interface that is up did to its host. Each thing is noted before it is done, and holds no key.</summary>
/// <param name="Version">Of the format: <see cref="CurrentVersion"/>.</param>
/// <param name="Boot">The boot that it belongs to (/proc/sys/kernel/random/boot_id).</param>
/// <param name="Cookie">The network namespace's cookie.</param>
/// <param name="Process">The process that keeps it.</param>
/// <param name="File">The file that it was read from; null when it was made by other means.</param>
internal sealed record UpRecord(int Version, string Boot, ulong Cookie, int Process, string? File) : IKeptDocument
{
    /// <summary>The format's version, raised when an older program would misread the file.</summary>
    public const int CurrentVersion = 1;

    /// <summary>True once it was up whole: then its hooks are run when it goes.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The mark and the table of its default routes; 0 for none.</summary>
    public uint Mark { get; init; }

    /// <summary>Which default routes it has, in the order in which their filters were made: true for IPv6.</summary>
    public IReadOnlyList<bool> Families { get; init; } = [];

    /// <summary>Its rules.</summary>
    public IReadOnlyList<KeptRule> Rules { get; init; } = [];

    /// <summary>The resolver's name for it; null when no servers were named.</summary>
    public string? Dns { get; init; }

    /// <summary>True when src_valid_mark was 0 before, or 1 because of another of ours.</summary>
    public bool SourceValidMark { get; init; }

    /// <summary>True while its kill switch is in force.</summary>
    public bool KillSwitch { get; init; }

    /// <summary>The folder that its hooks run in.</summary>
    public string Folder { get; init; } = "/";

    /// <summary>Lines of shell to run before it goes.</summary>
    public IReadOnlyList<string> PreDown { get; init; } = [];

    /// <summary>Lines of shell to run when it is gone.</summary>
    public IReadOnlyList<string> PostDown { get; init; } = [];

    /// <summary>Where the names of endpoints led to last: behind a kill switch nobody answers who is asked.</summary>
    public IReadOnlyDictionary<string, string> Places { get; init; } = new Dictionary<string, string>();
}

/// <summary>The record, in a file.</summary>
/// <param name="path">The file.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
internal sealed class UpRecordStore(string path, string boot, ulong cookie, DaemonLog log)
    : DocumentStore<UpRecord>(path, "what is to be undone is", UpRecord.CurrentVersion, boot, cookie, new StateFiles(), log), IUpRecords
{
    /// <inheritdoc/>
    public UpRecord? Load() => Read();

    /// <inheritdoc/>
    public UpRecord New(string? file) => new(UpRecord.CurrentVersion, Boot, Cookie, Environment.ProcessId, file);

    /// <inheritdoc/>
    public void Save(UpRecord record) => Write(record);

    /// <inheritdoc/>
    protected override byte[] Serialize(UpRecord document) => JsonSerializer.SerializeToUtf8Bytes(document, UpRecordJson.Default.UpRecord);

    /// <inheritdoc/>
    protected override UpRecord? Deserialize(byte[] bytes) => JsonSerializer.Deserialize(bytes, UpRecordJson.Default.UpRecord);

    /// <inheritdoc/>
    protected override string? FaultIn(UpRecord document) => document.Rules.Contains(null!) ? "a rule in it is missing" : null;
}

/// <summary>Keeps the record of one interface.</summary>
internal interface IUpRecords
{
    /// <summary>The record that was kept last; null when there is none that means anything.</summary>
    UpRecord? Load();

    /// <summary>An empty record.</summary>
    UpRecord New(string? file);

    /// <summary>Keeps a record, in place of the one before.</summary>
    void Save(UpRecord record);

    /// <summary>Keeps none any more.</summary>
    void Delete();
}

/// <summary>JSON of the file, generated at build time. A member that is unknown makes the file a bad one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(UpRecord))]
internal sealed partial class UpRecordJson : JsonSerializerContext;
