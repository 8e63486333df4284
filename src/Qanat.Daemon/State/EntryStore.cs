using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Daemon.State;

/// <summary>What a file beside the state file holds: settings that are no tunnels.</summary>
/// <param name="Version">Of the format: <see cref="CurrentVersion"/>.</param>
/// <param name="Boot">The boot that they belong to.</param>
/// <param name="Cookie">The network namespace's cookie.</param>
/// <param name="Entries">The settings.</param>
internal sealed record EntryDocument<T>(int Version, string Boot, ulong Cookie, IReadOnlyList<T> Entries)
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

/// <summary>
/// Settings that are to exist, kept as <see cref="StateStore"/> keeps the tunnels: in a file that is whole at every moment.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="files">The disk.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
/// <param name="type">How the file is written.</param>
internal sealed class EntryStore<T>(
    string path, string boot, ulong cookie, IStateFiles files, DaemonLog log, JsonTypeInfo<EntryDocument<T>> type)
{
    private string NewFile => $"{path}.new";

    private string BadFile => $"{path}.bad";

    /// <summary>Whether the file is there.</summary>
    public bool Exists => File.Exists(path);

    /// <summary>
    /// The settings as they were last saved. None when there is no file, when it is of another boot or namespace (it is
    /// deleted), or when it makes no sense (it is moved aside to <c>*.bad</c>).
    /// </summary>
    /// <exception cref="LinuxException">The file cannot be read or moved.</exception>
    public IReadOnlyList<T> Load() => Try("read", () =>
    {
        files.Delete(NewFile); // left by a daemon that was killed while it wrote
        if (files.Read(path) is not { } bytes)
            return [];
        if (Parse(bytes, out var fault) is not { } document)
        {
            files.Rename(path, BadFile);
            log.Write($"{path} cannot be used and was moved to {BadFile}: {fault}");
            return [];
        }
        if (document.Boot == boot && document.Cookie == cookie)
            return document.Entries;
        files.Delete(path);
        log.Write($"{path} belongs to a network namespace that is no more, and was discarded");
        return [];
    });

    /// <summary>Replaces what is saved; nothing to save is no file. When this throws, the file is whole and as it was.</summary>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    public void Save(IReadOnlyList<T> entries) => Try("write", () =>
    {
        if (entries.Count == 0)
        {
            files.Delete(path);
            return true;
        }
        var document = new EntryDocument<T>(EntryDocument<T>.CurrentVersion, boot, cookie, entries);
        try
        {
            files.Write(NewFile, JsonSerializer.SerializeToUtf8Bytes(document, type));
        }
        catch
        {
            files.Delete(NewFile); // a full disk may have taken a part of it
            throw;
        }
        files.Rename(NewFile, path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
        return true;
    });

    private TResult Try<TResult>(string verb, Func<TResult> act)
    {
        try
        {
            return act();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException($"{verb} {path}", Errno.Of(fault), $"settings are kept in {path}, which must be writable");
        }
    }

    private EntryDocument<T>? Parse(byte[] bytes, out string? fault)
    {
        try
        {
            var document = JsonSerializer.Deserialize(bytes, type);
            fault = document is null ? "it is empty"
                : document.Version != EntryDocument<T>.CurrentVersion ? $"its format is version {document.Version}"
                : document.Entries.Any(entry => entry is null) ? "an entry in it makes no sense"
                : null;
            return fault is null ? document : null;
        }
        catch (JsonException broken)
        {
            fault = broken.Message;
            return null;
        }
    }
}
