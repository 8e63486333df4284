using Qanat.Linux.Namespaces;

namespace Qanat.Linux.Storage;

/// <summary>
/// What makes a process the only one of its kind: an flock(2) on a file, which the kernel lets go of when the process ends in
/// whatever way.
/// </summary>
public sealed class FileLock : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;

    private FileLock(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Takes the lock, or returns null when another process holds it.</summary>
    /// <exception cref="IOException">The file cannot be made: a full disk, a read-only folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be made: no permission.</exception>
    public static FileLock? TryTake(string path)
    {
        while (true)
        {
            if (Open(path) is not { } file)
                return null;
            // Its last holder may have deleted it between our opening and our locking it: then the lock guards nothing.
            if (IsAt(path, file))
                return new(path, file);
            file.Dispose();
        }
    }

    /// <summary>True while the file that is locked is the one that others would find.</summary>
    public bool IsInPlace => IsAt(_path, _file);

    /// <summary>Deletes the file; the lock is held until <see cref="Dispose"/>.</summary>
    public void Delete() => File.Delete(_path);

    /// <summary>Lets go of the lock.</summary>
    public void Dispose() => _file.Dispose();

    private static bool IsAt(string path, FileStream file) =>
        FileIdentity.Get(path, out var there) == 0 && there == FileIdentity.Of(file.SafeFileHandle);

    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None, // flock(LOCK_EX | LOCK_NB)
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException held) when (Errno.Of(held) == Errno.EAGAIN)
        {
            return null;
        }
    }
}
