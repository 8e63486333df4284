using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Fcntl;

namespace Qanat.Linux.Storage;

/// <summary>
/// A file that only grows: every writer's bytes go behind those of all others (O_APPEND), and what the disk has no room for
/// leaves nothing behind. Its mode is 0600.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="keeps">What it keeps, for error texts: <c>the log is</c>.</param>
public sealed class AppendFile(string path, string keeps)
{
    /// <summary>
    /// Appends bytes, and waits until the disk has them. Whoever calls this keeps other writers out meanwhile: what was written is
    /// taken back when it is a part alone.
    /// </summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="before">Done when the disk has them, and before they stay: when it throws, they are taken back.</param>
    /// <exception cref="LinuxException">ENOSPC, EROFS, EACCES ...: they could not be written; the detail names the file.</exception>
    public void Append(ReadOnlySpan<byte> bytes, Action? before = null)
    {
        using var file = Open();
        var length = file.Length;
        try
        {
            Write(file, bytes);
            before?.Invoke();
        }
        catch
        {
            file.SetLength(length);
            throw;
        }
    }

    private void Write(FileStream file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        catch (IOException fault)
        {
            throw Refused(Errno.Of(fault));
        }
    }

    private FileStream Open()
    {
        const uint ownerOnly = 0b110_000_000;
        var fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, ownerOnly);
        return fd >= 0
            ? new(new SafeFileHandle(fd, ownsHandle: true), FileAccess.Write, bufferSize: 0)
            : throw Refused(Marshal.GetLastSystemError());
    }

    private LinuxException Refused(int error) => new($"write {path}", error, $"{keeps} kept in {path}, which must be writable");
}
