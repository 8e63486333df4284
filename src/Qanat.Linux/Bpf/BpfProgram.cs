using System.Text;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Bpf;

namespace Qanat.Linux.Bpf;

/// <summary>
/// A program that the kernel has verified and compiled. It lives until it is disposed here and the last <see cref="BpfLink"/>
/// that runs it has gone; so long its maps live too.
/// </summary>
/// <remarks>Source: bpf(2), kernel/bpf/syscall.c.</remarks>
public sealed unsafe class BpfProgram : IDisposable
{
    private const int LogSize = 1 << 20, LinesShown = 6, Attempts = 5;

    private BpfProgram(SafeFileHandle handle, string name) => (Handle, Name) = (handle, name);

    /// <summary>The descriptor.</summary>
    internal SafeFileHandle Handle { get; }

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>
    /// Loads a program that looks at a device's packets (BPF_PROG_TYPE_SCHED_CLS): R1 is the packet's <c>struct __sk_buff</c>, R0 at
    /// the end says what becomes of it, as TCX_NEXT (-1), TCX_PASS (0), TCX_DROP (2) or TCX_REDIRECT (7). Its licence is the GPL, for
    /// the sake of functions that want it so.
    /// </summary>
    /// <param name="name">Up to 15 letters, digits, _ and ., for who looks at the kernel's programs; others may have it too.</param>
    /// <param name="code">The program. Its maps must not be disposed before this is done.</param>
    /// <exception cref="ArgumentException">The kernel takes no such name.</exception>
    /// <exception cref="InvalidOperationException">A label is not marked, or too far from a jump.</exception>
    /// <exception cref="ObjectDisposedException">A map is disposed.</exception>
    /// <exception cref="LinuxException">
    /// EPERM: CAP_BPF or CAP_NET_ADMIN is missing; mostly EACCES or EINVAL: the verifier refuses the program, and the end of its log
    /// is the detail.
    /// </exception>
    public static BpfProgram LoadClassifier(string name, BpfAssembler code)
    {
        ArgumentNullException.ThrowIfNull(code);
        var attr = default(bpf_attr);
        BpfCall.WriteName(name, attr.prog_load.prog_name);
        var instructions = code.Assemble();
        attr.prog_load.prog_type = BPF_PROG_TYPE_SCHED_CLS;
        attr.prog_load.insn_cnt = (uint)instructions.Length;
        fixed (ulong* insns = instructions)
        fixed (byte* license = "GPL\0"u8)
        {
            attr.prog_load.insns = (ulong)insns;
            attr.prog_load.license = (ulong)license;
            var descriptor = Load(ref attr);
            var log = descriptor is >= 0 or -Errno.EPERM or -Errno.ENOSYS ? null : Explain(attr);
            GC.KeepAlive(code); // and with it the maps
            if (descriptor >= 0)
                return new(new(descriptor, ownsHandle: true), name);
            var operation = $"load the BPF program {name}";
            throw string.IsNullOrEmpty(log) ? BpfCall.Failure(operation, descriptor) : new LinuxException(operation, -descriptor, log);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    // The verifier gives up when a signal comes, such as the runtime's own.
    private static int Load(ref bpf_attr attr)
    {
        var result = -Errno.EAGAIN;
        for (var i = 0; i < Attempts && result == -Errno.EAGAIN; i++)
            result = BpfCall.Invoke(BPF_PROG_LOAD, ref attr);
        return result;
    }

    // Once more, with a log. It ends with a line of statistics, which explains nothing.
    private static string Explain(bpf_attr attr)
    {
        var log = new byte[LogSize + 1]; // and a zero, whatever comes
        fixed (byte* buffer = log)
        {
            attr.prog_load.log_buf = (ulong)buffer;
            attr.prog_load.log_size = LogSize;
            attr.prog_load.log_level = 1;
            if (Load(ref attr) is var descriptor and >= 0)
                new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        }

        var lines = Encoding.UTF8.GetString(log.AsSpan(0, log.AsSpan().IndexOf((byte)0)))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.StartsWith("processed ", StringComparison.Ordinal));
        return string.Join('\n', lines.TakeLast(LinesShown));
    }
}
