namespace Qanat.Linux.Storage;

/// <summary>The steps of durable writing, on the real disk.</summary>
public sealed class StateFiles : IStateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        File.Delete(path); // the mode is given at creation alone
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = OwnerOnly,
        });
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public void Rename(string source, string destination) => File.Move(source, destination, overwrite: true);

    /// <inheritdoc/>
    public void SyncDirectory(string path) => Daemonizer.SyncDirectory(path);

    /// <inheritdoc/>
    public void Delete(string path) => Files.Delete(path);
}
