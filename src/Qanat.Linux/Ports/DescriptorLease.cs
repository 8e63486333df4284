using System.Runtime.InteropServices;
using Qanat.Packets;

namespace Qanat.Linux.Ports;

/// <summary>
/// Keeps a descriptor (or mapped memory) from being released, and its number from being given to another, while a batch of
/// system calls uses it: one reference for the batch in place of one for each call.
/// </summary>
internal readonly ref struct DescriptorLease : IDisposable
{
    private readonly SafeHandle _handle;

    /// <summary>Takes a reference.</summary>
    /// <exception cref="PortClosedException">The handle is disposed.</exception>
    public DescriptorLease(SafeHandle handle)
    {
        var taken = false;
        try
        {
            handle.DangerousAddRef(ref taken);
        }
        catch (ObjectDisposedException e)
        {
            throw new PortClosedException("The port is closed.", e);
        }

        _handle = handle;
    }

    /// <summary>The descriptor's number.</summary>
    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Gives the reference back.</summary>
    public void Dispose() => _handle.DangerousRelease();
}
