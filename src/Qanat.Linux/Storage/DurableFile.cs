namespace Qanat.Linux.Storage;

/// <summary>
/// A file that is whole at every moment: a new one is written beside it and takes its place by rename(2). Its mode is 0600.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="keeps">What it keeps, for error texts: <c>the tunnels are</c>.</param>
/// <param name="files">The disk.</param>
public sealed class DurableFile(string path, string keeps, IStateFiles files)
{
    private string NewFile => $"{path}.new";

    /// <summary>Where a file goes that makes no sense.</summary>
    public string BadFile => $"{path}.bad";

    /// <summary>Whether it is there.</summary>
    public bool Exists => File.Exists(path);

    /// <summary>Its bytes; null when there is none.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public byte[]? Read() => Try("read", () =>
    {
        files.Delete(NewFile); // left by a daemon that was killed while it wrote
        return files.Read(path);
    });

    /// <summary>Its bytes, for a reader beside whom another process may be writing; null when there is none.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public byte[]? Peek() => Try("read", () => files.Read(path));

    /// <summary>Replaces it. When this throws, it is whole and as it was.</summary>
    /// <param name="bytes">Its new bytes.</param>
    /// <param name="before">Done when the disk has them, and before they take their place: when it throws, they do not.</param>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: it could not be written; the detail names the file.</exception>
    public void Write(ReadOnlyMemory<byte> bytes, Action? before = null)
    {
        try
        {
            Try("write", () =>
            {
                files.Write(NewFile, bytes.Span);
                return true;
            });
            before?.Invoke();
        }
        catch
        {
            files.Delete(NewFile); // a full disk may have taken a part of it
            throw;
        }
        Try("write", () =>
        {
            files.Rename(NewFile, path);
            files.SyncDirectory(Path.GetDirectoryName(path)!);
            return true;
        });
    }

    /// <summary>Moves it to <see cref="BadFile"/>.</summary>
    /// <exception cref="LinuxException">It could not be moved.</exception>
    public void SetAside() => Try("move", () =>
    {
        files.Rename(path, BadFile);
        return true;
    });

    /// <summary>Deletes it.</summary>
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
            throw new LinuxException($"{verb} {path}", Errno.Of(fault), $"{keeps} kept in {path}, which must be writable");
        }
    }
}
