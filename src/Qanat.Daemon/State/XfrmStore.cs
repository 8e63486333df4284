using System.Text.Json;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.State;

/// <summary>The states and policies that are to exist, kept in a file of their own, for their keys are in it.</summary>
/// <param name="path">The file.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="files">The disk.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
internal sealed class XfrmStore(string path, string boot, ulong cookie, IStateFiles files, DaemonLog log)
    : DocumentStore<XfrmDocument>(path, "IPsec states and policies are", XfrmDocument.CurrentVersion, boot, cookie, files, log)
{
    /// <summary>What was last saved; nothing when no file of this boot and namespace can be used.</summary>
    /// <exception cref="LinuxException">The file cannot be read or moved.</exception>
    public XfrmDocument Load() => Read() ?? Document([], []);

    /// <summary>Replaces what is saved; nothing to save is no file. When this throws, the file is whole and as it was.</summary>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    public void Save(IReadOnlyList<XfrmStateEntry> states, IReadOnlyList<XfrmPolicyEntry> policies)
    {
        if (states.Count + policies.Count > 0)
            Write(Document(states, policies));
        else
            Delete();
    }

    /// <inheritdoc/>
    protected override byte[] Serialize(XfrmDocument document) =>
        JsonSerializer.SerializeToUtf8Bytes(document, XfrmStateJson.Default.XfrmDocument);

    /// <inheritdoc/>
    protected override XfrmDocument? Deserialize(byte[] bytes) => JsonSerializer.Deserialize(bytes, XfrmStateJson.Default.XfrmDocument);

    /// <inheritdoc/>
    protected override string? FaultIn(XfrmDocument document) =>
        document.States.Contains(null!) || document.Policies.Contains(null!) ? "an entry in it is missing" : null;

    /// <summary>Where it breaks off, without the message: a key may be in that.</summary>
    protected override string Describe(JsonException broken) => $"it breaks off or makes no sense at byte {broken.BytePositionInLine}";

    private XfrmDocument Document(IReadOnlyList<XfrmStateEntry> states, IReadOnlyList<XfrmPolicyEntry> policies) =>
        new(XfrmDocument.CurrentVersion, Boot, Cookie, states, policies);
}
