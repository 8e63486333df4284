using System.Text.Json;
using Qanat.Daemon.Control;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.State;

/// <summary>The tunnels that are to exist, kept in the state file.</summary>
/// <param name="path">The file.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="files">The disk.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
internal sealed class StateStore(string path, string boot, ulong cookie, IStateFiles files, DaemonLog log)
    : DocumentStore<StateDocument>(path, "the tunnels are", StateDocument.CurrentVersion, boot, cookie, files, log)
{
    /// <summary>The tunnels as they were last saved; none when no file of this boot and namespace can be used.</summary>
    /// <exception cref="LinuxException">The file cannot be read or moved.</exception>
    public IReadOnlyList<StateEntry> Load() => Read()?.Tunnels ?? [];

    /// <summary>Replaces what is saved. When this throws, the file is whole and as it was.</summary>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    public void Save(IReadOnlyList<StateEntry> tunnels) => Write(new(StateDocument.CurrentVersion, Boot, Cookie, tunnels));

    /// <inheritdoc/>
    protected override byte[] Serialize(StateDocument document) =>
        JsonSerializer.SerializeToUtf8Bytes(document, StateJson.Default.StateDocument);

    /// <inheritdoc/>
    protected override StateDocument? Deserialize(byte[] bytes) => VersionOf(bytes) switch
    {
        StateDocument.CurrentVersion => JsonSerializer.Deserialize(bytes, StateJson.Default.StateDocument),
        FirstStateDocument.FirstVersion => JsonSerializer.Deserialize(bytes, StateJson.Default.FirstStateDocument)?.Migrate(),
        var other => throw new JsonException($"its format is version {other}"),
    };

    /// <inheritdoc/>
    protected override string? FaultIn(StateDocument document) =>
        document.Tunnels.Any(entry => entry is null || KeptTunnel.FromState(entry) is null) ? "a tunnel in it makes no sense" : null;

    private static int? VersionOf(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("version", out var version) &&
            version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) ? number : null;
    }
}
