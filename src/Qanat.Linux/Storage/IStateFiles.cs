namespace Qanat.Linux.Storage;

/// <summary>The steps of which durable writing is made. A process may die between any two of them, or within one.</summary>
/// <remarks>Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>, as .NET has them.</remarks>
public interface IStateFiles
{
    /// <summary>The file's bytes, or null when there is none.</summary>
    byte[]? Read(string path);

    /// <summary>Writes a new file, mode 0600, in place of any other, and waits until the disk has it.</summary>
    void Write(string path, ReadOnlySpan<byte> bytes);

    /// <summary>Gives a file another name, in place of any other of that name.</summary>
    void Rename(string source, string destination);

    /// <summary>Waits until the disk has the names in a folder.</summary>
    void SyncDirectory(string path);

    /// <summary>Deletes a file; one that is not there is no error.</summary>
    void Delete(string path);
}
