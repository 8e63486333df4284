using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Bpf;

namespace Qanat.Linux.Bpf;

/// <summary>Where on a device a program looks at packets; the values are the kernel's (enum bpf_attach_type).</summary>
public enum BpfHook
{
    /// <summary>BPF_TCX_INGRESS: packets that came in, before the host's stack sees them.</summary>
    TcxIngress = (int)BPF_TCX_INGRESS,

    /// <summary>BPF_TCX_EGRESS: packets that go out, before the device's queue.</summary>
    TcxEgress = (int)BPF_TCX_EGRESS,
}

/// <summary>
/// A program at work on a device, until this is disposed, the process ends, or the device goes. The programs of a hook run in the
/// order in which they were attached, while each gives TCX_NEXT.
/// </summary>
/// <remarks>
/// The kernel takes some milliseconds to attach and to detach, for it waits until no processor runs what was there.
/// Source: kernel/bpf/tcx.c, kernel/bpf/mprog.c (Linux 6.6).
/// </remarks>
public sealed class BpfLink : IDisposable
{
    private readonly SafeFileHandle _handle;
    private bool _disposed;

    private BpfLink(SafeFileHandle handle) => _handle = handle;

    /// <summary>Attaches a program to a device in the network namespace of the calling thread, after those that are there.</summary>
    /// <param name="program">The program; it may be disposed afterwards.</param>
    /// <param name="interfaceIndex">The device's index.</param>
    /// <param name="hook">Where on the device.</param>
    /// <exception cref="LinuxException">
    /// EPERM: CAP_BPF or CAP_NET_ADMIN is missing; EINVAL: Linux is older than 6.6, or has no tcx; ENODEV: there is no such device;
    /// ERANGE: it has 64 programs already.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The program is disposed.</exception>
    public static BpfLink Attach(BpfProgram program, int interfaceIndex, BpfHook hook)
    {
        ArgumentNullException.ThrowIfNull(program);
        var attr = default(bpf_attr);
        attr.link_create.target_ifindex = interfaceIndex;
        attr.link_create.attach_type = (uint)hook;
        var descriptor = BpfCall.Invoke(BPF_LINK_CREATE, program.Handle, ref attr);
        if (descriptor >= 0)
            return new(new(descriptor, ownsHandle: true));
        var operation = $"attach the BPF program {program.Name} to link #{interfaceIndex}";
        throw descriptor == -Errno.EINVAL
            ? new LinuxException(operation, Errno.EINVAL, "tcx is missing", "Linux 6.6 or later has it, with CONFIG_NET_XGRESS")
            : BpfCall.Failure(operation, descriptor);
    }

    /// <summary>Takes the program off the device; it looks at no packet that comes after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        // Not by closing alone: a process that was just forked may have the descriptor too, for a moment.
        var attr = default(bpf_attr);
        _ = BpfCall.Invoke(BPF_LINK_DETACH, _handle, ref attr);
        _handle.Dispose();
    }
}
