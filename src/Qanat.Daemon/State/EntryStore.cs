using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Qanat.Daemon.Api;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.State;

/// <summary>What a file beside the state file holds: settings that are no tunnels.</summary>
/// <param name="Version">Of the format: <see cref="CurrentVersion"/>.</param>
/// <param name="Boot">The boot that they belong to (/proc/sys/kernel/random/boot_id).</param>
/// <param name="Cookie">The network namespace's cookie, which tells a namespace from a later one with the same inode.</param>
/// <param name="Entries">The settings.</param>
internal sealed record EntryDocument<T>(int Version, string Boot, ulong Cookie, IReadOnlyList<T> Entries) : IKeptDocument
{
    /// <summary>The format's version, raised when an older program would misread the file.</summary>
    public const int CurrentVersion = 1;
}

/// <summary>A forwarding-table entry that a user made, and the device it belongs to.</summary>
/// <param name="Index">The device's interface index.</param>
/// <param name="Entry">The entry.</param>
internal sealed record KeptFdbEntry(int Index, FdbEntry Entry);

/// <summary>JSON of these files, generated at build time. A member that is missing or unknown makes the file a bad one.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(EntryDocument<FouPort>))]
[JsonSerializable(typeof(EntryDocument<L2tpTunnel>))]
[JsonSerializable(typeof(EntryDocument<KeptFdbEntry>))]
internal sealed partial class EntryJson : JsonSerializerContext;

/// <summary>Settings that are to exist, kept in a file beside the state file.</summary>
/// <param name="path">The file.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="files">The disk.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
/// <param name="type">How the file is written.</param>
internal sealed class EntryStore<T>(
    string path, string boot, ulong cookie, IStateFiles files, DaemonLog log, JsonTypeInfo<EntryDocument<T>> type)
    : DocumentStore<EntryDocument<T>>(path, "settings are", EntryDocument<T>.CurrentVersion, boot, cookie, files, log)
{
    /// <summary>The settings as they were last saved; none when no file of this boot and namespace can be used.</summary>
    /// <exception cref="LinuxException">The file cannot be read or moved.</exception>
    public IReadOnlyList<T> Load() => Read()?.Entries ?? [];

    /// <summary>Replaces what is saved; nothing to save is no file. When this throws, the file is whole and as it was.</summary>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    public void Save(IReadOnlyList<T> entries)
    {
        if (entries.Count > 0)
            Write(new(EntryDocument<T>.CurrentVersion, Boot, Cookie, entries));
        else
            Delete();
    }

    /// <inheritdoc/>
    protected override byte[] Serialize(EntryDocument<T> document) => JsonSerializer.SerializeToUtf8Bytes(document, type);

    /// <inheritdoc/>
    protected override EntryDocument<T>? Deserialize(byte[] bytes) => JsonSerializer.Deserialize(bytes, type);

    /// <inheritdoc/>
    protected override string? FaultIn(EntryDocument<T> document) =>
        document.Entries.Any(entry => entry is null) ? "an entry in it makes no sense" : null;
}
