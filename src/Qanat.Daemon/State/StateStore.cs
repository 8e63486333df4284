using System.Text.Json;
using Qanat.Daemon.Control;
using Qanat.Linux;

namespace Qanat.Daemon.State;

/// <summary>
/// The tunnels that are to exist, kept in a file that is whole at every moment: a new one is written beside it and takes
/// its place by rename(2).
/// </summary>
/// <param name="path">The file.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="files">The disk.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
internal sealed class StateStore(string path, string boot, ulong cookie, IStateFiles files, DaemonLog log)
{
    private string NewFile => $"{path}.new";

    private string BadFile => $"{path}.bad";

    /// <summary>
    /// The tunnels as they were last saved. None when there is no file, when it is of another boot or namespace (it is
    /// deleted), or when it makes no sense (it is moved aside to <c>*.bad</c>).
    /// </summary>
    /// <exception cref="LinuxException">The file cannot be read or moved.</exception>
    public IReadOnlyList<StateEntry> Load() => Try("read", () =>
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
            return document.Tunnels;
        files.Delete(path);
        log.Write($"{path} belongs to a network namespace that is no more, and was discarded");
        return [];
    });

    /// <summary>Replaces what is saved. When this throws, the file is whole and as it was.</summary>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    public void Save(IReadOnlyList<StateEntry> tunnels) => Try("write", () =>
    {
        var document = new StateDocument(StateDocument.CurrentVersion, boot, cookie, tunnels);
        try
        {
            files.Write(NewFile, JsonSerializer.SerializeToUtf8Bytes(document, StateJson.Default.StateDocument));
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

    /// <summary>Deletes the file.</summary>
    /// <exception cref="LinuxException">It could not be deleted.</exception>
    public void Delete() => Try("delete", () =>
    {
        files.Delete(path);
        return true;
    });

    private T Try<T>(string verb, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException($"{verb} {path}", Errno.Of(fault), $"the tunnels are kept in {path}, which must be writable");
        }
    }

    private static StateDocument? Parse(byte[] bytes, out string? fault)
    {
        try
        {
            var version = VersionOf(bytes);
            var document = version switch
            {
                StateDocument.CurrentVersion => JsonSerializer.Deserialize(bytes, StateJson.Default.StateDocument),
                FirstStateDocument.FirstVersion => JsonSerializer.Deserialize(bytes, StateJson.Default.FirstStateDocument)?.Migrate(),
                _ => null,
            };
            fault = document is null ? $"its format is version {version}"
                : document.Tunnels.Any(entry => entry is null || KeptTunnel.FromState(entry) is null) ? "a tunnel in it makes no sense"
                : null;
            return fault is null ? document : null;
        }
        catch (JsonException broken)
        {
            fault = broken.Message;
            return null;
        }
    }

    private static int? VersionOf(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("version", out var version) &&
            version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) ? number : null;
    }
}
