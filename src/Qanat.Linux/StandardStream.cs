using System.Runtime.InteropServices;
using static Qanat.Linux.Interop.Unistd;

namespace Qanat.Linux;

/// <summary>
/// Standard output or standard error as they are: write(2) and nothing else. The streams of <see cref="Console"/> set the
/// terminal up first, and so write control codes to it even when the output goes into a pipe.
/// </summary>
public sealed unsafe class StandardStream : Stream
{
    private readonly int _descriptor;
    private readonly string _name;

    private StandardStream(int descriptor, string name) => (_descriptor, _name) = (descriptor, name);

    /// <summary>Opens standard output.</summary>
    public static StandardStream Output() => new(STDOUT_FILENO, "standard output");

    /// <summary>Opens standard error.</summary>
    public static StandardStream Error() => new(STDERR_FILENO, "standard error");

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="LinuxException">EPIPE, when nobody reads any more; ENOSPC and others of a file.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* start = buffer)
                written = write(_descriptor, start, buffer.Length);
            var error = written < 0 ? Marshal.GetLastSystemError() : 0;
            if (error is not 0 and not Errno.EINTR)
                throw new LinuxException($"write to {_name}", error);
            buffer = buffer[(int)Math.Max(0, written)..];
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
