using System.Text.Json;
using Qanat.Linux;

namespace Qanat.Daemon.State;

/// <summary>The states and policies that are to exist, kept in a file of their own, for their keys are in it.</summary>
/// <param name="path">The file.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="files">The disk.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
internal sealed class XfrmStore(string path, string boot, ulong cookie, IStateFiles files, DaemonLog log)
{
    private readonly DurableFile _file = new(path, "IPsec states and policies are", files);

    /// <summary>Whether the file is there.</summary>
    public bool Exists => _file.Exists;

    /// <summary>
    /// What was last saved. Nothing when there is no file, when it is of another boot or namespace (it is deleted), or when it makes no
    /// sense (it is moved aside to <c>*.bad</c>).
    /// </summary>
    /// <exception cref="LinuxException">The file cannot be read or moved.</exception>
    public XfrmDocument Load()
    {
        var nothing = new XfrmDocument(XfrmDocument.CurrentVersion, boot, cookie, [], []);
        if (_file.Read() is not { } bytes)
            return nothing;
        if (Parse(bytes, out var fault) is not { } document)
        {
            _file.SetAside();
            log.Write($"{path} cannot be used and was moved to {_file.BadFile}: {fault}");
            return nothing;
        }
        if (document.Boot == boot && document.Cookie == cookie)
            return document;
        _file.Delete();
        log.Write($"{path} belongs to a network namespace that is no more, and was discarded");
        return nothing;
    }

    /// <summary>Replaces what is saved. When this throws, the file is whole and as it was.</summary>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    public void Save(IReadOnlyList<XfrmStateEntry> states, IReadOnlyList<XfrmPolicyEntry> policies) =>
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(
            new(XfrmDocument.CurrentVersion, boot, cookie, states, policies), XfrmStateJson.Default.XfrmDocument));

    /// <summary>Deletes the file.</summary>
    /// <exception cref="LinuxException">It could not be deleted.</exception>
    public void Delete() => _file.Delete();

    private static XfrmDocument? Parse(byte[] bytes, out string? fault)
    {
        try
        {
            var document = JsonSerializer.Deserialize(bytes, XfrmStateJson.Default.XfrmDocument);
            fault = document is null ? "it is empty"
                : document.Version != XfrmDocument.CurrentVersion ? $"its format is version {document.Version}"
                : document.States.Contains(null!) || document.Policies.Contains(null!) ? "an entry in it is missing"
                : null;
            return fault is null ? document : null;
        }
        catch (JsonException broken)
        {
            fault = $"it breaks off or makes no sense at byte {broken.BytePositionInLine}"; // not the message: a key may be in it
            return null;
        }
    }
}
