using System.Text.Json;
using Qanat.Linux;
using Qanat.Linux.Storage;

namespace Qanat.Daemon.State;

/// <summary>What each kept document says of itself.</summary>
internal interface IKeptDocument
{
    /// <summary>Of the format.</summary>
    int Version { get; }

    /// <summary>The boot that it belongs to (/proc/sys/kernel/random/boot_id).</summary>
    string Boot { get; }

    /// <summary>The network namespace's cookie, which tells a namespace from a later one with the same inode.</summary>
    ulong Cookie { get; }
}

/// <summary>A JSON document of this boot and namespace, kept in a file that is whole at every moment.</summary>
/// <param name="path">The file.</param>
/// <param name="keeps">What it keeps, for error texts: <c>the tunnels are</c>.</param>
/// <param name="version">The format's version.</param>
/// <param name="boot">Identity of this boot.</param>
/// <param name="cookie">Identity of this network namespace.</param>
/// <param name="files">The disk.</param>
/// <param name="log">Where one line goes when a file is discarded.</param>
internal abstract class DocumentStore<T>(
    string path, string keeps, int version, string boot, ulong cookie, IStateFiles files, DaemonLog log)
    where T : class, IKeptDocument
{
    private readonly DurableFile _file = new(path, keeps, files);

    /// <summary>Whether the file is there.</summary>
    public bool Exists => _file.Exists;

    /// <summary>Identity of this boot.</summary>
    protected string Boot => boot;

    /// <summary>Identity of this network namespace.</summary>
    protected ulong Cookie => cookie;

    /// <summary>Deletes the file.</summary>
    /// <exception cref="LinuxException">It could not be deleted.</exception>
    public void Delete() => _file.Delete();

    /// <summary>
    /// The document as it was last saved, for a reader beside whom its owner may be writing: nothing is deleted or moved. Null when
    /// there is none, when it is of another boot or namespace, or when it makes no sense.
    /// </summary>
    /// <exception cref="LinuxException">The file cannot be read.</exception>
    public T? Peek() =>
        _file.Peek() is { } bytes && Parse(bytes, out _) is { } document && IsCurrent(document) ? document : null;

    /// <summary>
    /// The document as it was last saved. Null when there is no file, when it is of another boot or namespace (it is deleted), or when
    /// it makes no sense (it is moved aside to <c>*.bad</c>).
    /// </summary>
    /// <exception cref="LinuxException">The file cannot be read or moved.</exception>
    protected T? Read()
    {
        if (_file.Read() is not { } bytes)
            return null;
        if (Parse(bytes, out var fault) is not { } document)
        {
            _file.SetAside();
            log.Write($"{path} cannot be used and was moved to {_file.BadFile}: {fault}");
            return null;
        }
        if (IsCurrent(document))
            return document;
        _file.Delete();
        log.Write($"{path} belongs to a network namespace that is no more, and was discarded");
        return null;
    }

    /// <summary>Replaces what is saved. When this throws, the file is whole and as it was.</summary>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    protected void Write(T document) => _file.Write(Serialize(document));

    /// <summary>The document as the file has it.</summary>
    protected abstract byte[] Serialize(T document);

    /// <summary>The document in a file; null for JSON's null.</summary>
    /// <exception cref="JsonException">There is none in it.</exception>
    protected abstract T? Deserialize(byte[] bytes);

    /// <summary>What makes no sense in a document of the right version, or null.</summary>
    protected abstract string? FaultIn(T document);

    /// <summary>What is wrong with a file that is no such document.</summary>
    protected virtual string Describe(JsonException broken) => broken.Message;

    private bool IsCurrent(T document) => document.Boot == boot && document.Cookie == cookie;

    private T? Parse(byte[] bytes, out string? fault)
    {
        try
        {
            var document = Deserialize(bytes);
            fault = document is null ? "it is empty"
                : document.Version != version ? $"its format is version {document.Version}"
                : FaultIn(document);
            return fault is null ? document : null;
        }
        catch (JsonException broken)
        {
            fault = Describe(broken);
            return null;
        }
    }
}
