using Qanat.Linux.Storage;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>The real disk, with kills and failures in between.</summary>
internal sealed class FakeDisk(CrashPoint? crash = null) : IStateFiles
{
    private readonly StateFiles _real = new();

    /// <summary>What each write fails with, while it is set.</summary>
    public Exception? WriteFault { get; set; }

    /// <summary>How often something was written.</summary>
    public int Writes { get; private set; }

    public byte[]? Read(string path) => _real.Read(path);

    public void Write(string path, ReadOnlySpan<byte> bytes)
    {
        if (WriteFault is { } fault)
            throw fault;
        Writes++;
        crash?.Step();
        _real.Write(path, bytes[..(bytes.Length / 2)]); // a kill in the middle of a write leaves a part
        crash?.Step();
        _real.Write(path, bytes);
    }

    public void Rename(string source, string destination)
    {
        crash?.Step();
        _real.Rename(source, destination);
    }

    public void SyncDirectory(string path)
    {
        crash?.Step();
        _real.SyncDirectory(path);
    }

    public void Delete(string path)
    {
        crash?.Step();
        _real.Delete(path);
    }
}
