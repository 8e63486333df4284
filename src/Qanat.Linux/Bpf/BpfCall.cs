using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Bpf;

namespace Qanat.Linux.Bpf;

/// <summary>What maps, programs and links share: bpf(2) with errors, descriptors and names.</summary>
internal static unsafe class BpfCall
{
    private static readonly SearchValues<char> s_letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");

    /// <summary>A command.</summary>
    /// <returns>0 or a descriptor; a negative error number.</returns>
    public static int Invoke(int command, ref bpf_attr attr)
    {
        fixed (bpf_attr* pointer = &attr)
            return bpf(command, pointer) is var result and >= 0 ? result : -Marshal.GetLastSystemError();
    }

    /// <summary>A command about something that is open, and stays so meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">It is not.</exception>
    public static int Invoke(int command, SafeFileHandle subject, ref bpf_attr attr)
    {
        var taken = false;
        try
        {
            subject.DangerousAddRef(ref taken);
            attr.fd = (int)subject.DangerousGetHandle();
            return Invoke(command, ref attr);
        }
        finally
        {
            if (taken)
                subject.DangerousRelease();
        }
    }

    /// <summary>Writes the name of a map or a program where the kernel looks for it.</summary>
    /// <exception cref="ArgumentException">The kernel takes no such name.</exception>
    public static void WriteName(string name, byte* field)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length >= BPF_OBJ_NAME_LEN || name.AsSpan().ContainsAnyExcept(s_letters))
            throw new ArgumentException($"A name has up to {BPF_OBJ_NAME_LEN - 1} letters, digits, _ and .; {name} has others, or more.");
        Encoding.ASCII.GetBytes(name, new Span<byte>(field, BPF_OBJ_NAME_LEN));
    }

    /// <summary>The error of a command that gave a negative number.</summary>
    public static LinuxException Failure(string operation, int result) => -result switch
    {
        Errno.EPERM => new(operation, Errno.EPERM, "CAP_BPF and CAP_NET_ADMIN are needed", "run as root"),
        var errno => new(operation, errno),
    };
}
