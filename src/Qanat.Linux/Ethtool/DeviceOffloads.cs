using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Ethtool;
using static Qanat.Linux.Interop.If;
using static Qanat.Linux.Interop.Ioctl;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Ethtool;

/// <summary>What a network device does in place of the protocols above it, as <c>ethtool -k</c> lists it.</summary>
/// <param name="TransmitChecksum">It fills checksums in: what the host sends has none until then.</param>
/// <param name="Tso">It cuts TCP super-packets into segments.</param>
/// <param name="Gro">Segments of one flow that come in are joined, in a way that can be undone.</param>
/// <param name="Lro">Segments that come in are joined by the hardware, in a way that cannot be undone.</param>
/// <remarks>Source: linux/ethtool.h; net/ethtool/ioctl.c, __dev_ethtool. No right is needed.</remarks>
public readonly unsafe record struct DeviceOffloads(bool TransmitChecksum, bool Tso, bool Gro, bool Lro)
{
    /// <summary>Those of a device in the network namespace of the calling thread; null when there is none of that name.</summary>
    /// <exception cref="LinuxException">No socket could be made.</exception>
    public static DeviceOffloads? Of(string device)
    {
        var descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        var error = descriptor < 0 ? Marshal.GetLastSystemError() : 0;
        if (error != 0)
            throw new LinuxException("open a socket", error);
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        return Get(descriptor, device, ETHTOOL_GTXCSUM) is { } checksum
            ? new(checksum != 0, Get(descriptor, device, ETHTOOL_GTSO) is > 0, Get(descriptor, device, ETHTOOL_GGRO) is > 0,
                (Get(descriptor, device, ETHTOOL_GFLAGS) & ETH_FLAG_LRO) is > 0)
            : null;
    }

    private static uint? Get(int descriptor, string device, uint command)
    {
        var value = new ethtool_value { cmd = command };
        var request = new ifreq { ifr_data = &value };
        Span<byte> name = request.ifr_name;
        return Encoding.UTF8.GetByteCount(device) < IFNAMSIZ && Encoding.UTF8.TryGetBytes(device, name, out _) &&
            ioctl(descriptor, SIOCETHTOOL, &request) == 0
            ? value.data
            : null;
    }
}
