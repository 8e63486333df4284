using System.Runtime.InteropServices;
using static Qanat.Linux.Interop.Capability;

namespace Qanat.Linux.Privileges;

/// <summary>The capabilities that Qanat may need (linux/capability.h); the values are the kernel's numbers.</summary>
public enum Capability
{
    /// <summary>CAP_NET_ADMIN: make and change devices, addresses and routes.</summary>
    NetAdmin = 12,

    /// <summary>CAP_NET_RAW: raw and packet sockets.</summary>
    NetRaw = 13,

    /// <summary>CAP_SYS_ADMIN: make and enter namespaces.</summary>
    SysAdmin = 21,

    /// <summary>CAP_BPF: load BPF programs and make maps (Linux 5.8).</summary>
    Bpf = 39,
}

/// <summary>A set of capabilities: bit n is the capability of number n.</summary>
/// <param name="Bits">The bits, as <c>CapEff</c> in /proc/self/status writes them.</param>
/// <remarks>Source: capabilities(7), capget(2).</remarks>
public readonly record struct Capabilities(ulong Bits)
{
    /// <summary>Those that the calling thread can use now.</summary>
    /// <exception cref="LinuxException">The kernel does not tell.</exception>
    public static unsafe Capabilities Effective
    {
        get
        {
            var header = new cap_user_header_t { version = _LINUX_CAPABILITY_VERSION_3 };
            var data = stackalloc cap_user_data_t[2];
            var error = capget(&header, data) == 0 ? 0 : Marshal.GetLastSystemError();
            return error == 0
                ? new((ulong)data[1].effective << 32 | data[0].effective)
                : throw new LinuxException("read the capabilities", error);
        }
    }

    /// <summary>True when the capability is in the set.</summary>
    public bool Has(Capability capability) => (Bits >> (int)capability & 1) != 0;
}
