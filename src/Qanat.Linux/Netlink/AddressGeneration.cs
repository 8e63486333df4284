using static Qanat.Linux.Interop.Rtnetlink;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Netlink;

/// <summary>How the kernel makes a device's IPv6 link-local address (linux/if_link.h, IN6_ADDR_GEN_MODE_*).</summary>
public enum AddressGeneration : byte
{
    /// <summary>From its link-layer address.</summary>
    Eui64,

    /// <summary>Not at all.</summary>
    None,

    /// <summary>From a secret of the host's, the same for ever (RFC 7217).</summary>
    StablePrivacy,

    /// <summary>From a secret that is chosen now.</summary>
    Random,
}

/// <content>IPv6's settings of a device.</content>
public sealed partial class Links
{
    /// <summary>Sets how the kernel makes a device's IPv6 link-local address.</summary>
    /// <exception cref="LinuxException">EAFNOSUPPORT: there is no IPv6 on it.</exception>
    public void SetAddressGeneration(int index, AddressGeneration generation)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        var families = request.BeginNest(IFLA_AF_SPEC);
        var ipv6 = request.BeginNest(AF_INET6);
        request.Add(IFLA_INET6_ADDR_GEN_MODE, (byte)generation);
        request.EndNest(ipv6);
        request.EndNest(families);
        _socket.Request(request, $"set the address generation of link {Named(index)}");
    }
}
