using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Ports;
using Qanat.Linux.Sockets;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.If;
using static Qanat.Linux.Interop.IfTun;
using static Qanat.Linux.Interop.Ioctl;
using Socket = System.Net.Sockets.Socket;

namespace Qanat.Linux.Devices;

/// <content>
/// Taking a device over from another process, and handing one on: a program with rights opens it, one without uses it.
/// </content>
public sealed unsafe partial class TunDevice
{
    /// <summary>Takes over an open descriptor of a device: one that was inherited, or came over a socket.</summary>
    /// <param name="handle">The descriptor, which the port closes from now on. It is set not to block.</param>
    /// <param name="offloads">
    /// The offloads wanted, if the device has a virtio-net header. The kernel does not tell which are in force, so they are set
    /// again, for every queue of the device. All else the kernel is asked for.
    /// </param>
    /// <exception cref="LinuxException">
    /// ENOTTY or EBADFD: it is no TUN or TAP device, or not attached to one; nothing is closed then.
    /// </exception>
    public static TunDevice FromDescriptor(SafeFileHandle handle, TunOffloads offloads = TunOffloads.Plain)
    {
        ArgumentNullException.ThrowIfNull(handle);
        using var lease = new DescriptorLease(handle);
        ifreq request = default;
        if (ioctl(lease.Descriptor, TUNGETIFF, &request) != 0)
        {
            var errno = Marshal.GetLastSystemError();
            throw new LinuxException($"take over descriptor {lease.Descriptor}", errno, errno switch
            {
                Errno.ENOTTY => "it is no TUN or TAP device",
                Errno.EBADFD => "it is not attached to a device",
                Errno.EBADF => "it is not open",
                _ => null,
            });
        }

        var flags = fcntl(lease.Descriptor, F_GETFL, 0);
        if (flags < 0 || fcntl(lease.Descriptor, F_SETFL, flags | O_NONBLOCK) < 0)
            throw new LinuxException($"take over descriptor {lease.Descriptor}", Marshal.GetLastSystemError());
        var vnetLength = 0;
        if ((request.ifr_flags & IFF_VNET_HDR) != 0 && ioctl(lease.Descriptor, TUNGETVNETHDRSZ, &vnetLength) != 0)
            throw new LinuxException($"take over descriptor {lease.Descriptor}", Marshal.GetLastSystemError());
        if (vnetLength > VirtioNetHeader.LengthWithTunnel)
            throw new LinuxException($"take over descriptor {lease.Descriptor}", Errno.EINVAL,
                $"its virtio-net header has {vnetLength} bytes, more than the {VirtioNetHeader.LengthWithTunnel} known");
        var device = new TunDevice(handle, new() { Mode = (request.ifr_flags & IFF_TAP) != 0 ? TunMode.Tap : TunMode.Tun }, default);
        var link = device.InItsNamespace(static (netlink, name) => netlink.Links.Get(name));
        var options = device._options with
        {
            // TUNGETIFF says IFF_NO_PI of every device without a filter, for that is IFF_NOFILTER too.
            PacketInformation = link.Tun?.PacketInformation ?? false,
            VnetHeader = vnetLength != 0,
            MultiQueue = (request.ifr_flags & IFF_MULTI_QUEUE) != 0,
        };
        device = new(handle, options, new(options.PacketInformation, vnetLength)) { Index = link.Index };
        if (options.VnetHeader)
            device.SetOffloads(vnetLength < VirtioNetHeader.LengthWithTunnel ? offloads & TunOffloads.Plain : offloads);
        return device;
    }

    /// <summary>As <see cref="FromDescriptor(SafeFileHandle, TunOffloads)"/>, for the number of an inherited descriptor.</summary>
    /// <exception cref="LinuxException">EBADF: there is no such descriptor; otherwise as there.</exception>
    public static TunDevice FromDescriptor(int descriptor, TunOffloads offloads = TunOffloads.Plain)
    {
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            return FromDescriptor(handle, offloads);
        }
        catch
        {
            handle.SetHandleAsInvalid(); // it stays the caller's; the finalizer would close it
            throw;
        }
    }

    /// <summary>Receives a descriptor from a Unix socket (SCM_RIGHTS), waiting for it, and takes it over.</summary>
    /// <exception cref="IOException">The other end closed the socket, or sent no descriptor.</exception>
    /// <exception cref="LinuxException">The socket failed, or what came is no device.</exception>
    public static TunDevice ReceiveFrom(Socket socket, TunOffloads offloads = TunOffloads.Plain)
    {
        var handle = DescriptorPassing.Receive(socket);
        try
        {
            return FromDescriptor(handle, offloads);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Sends the descriptor over a Unix socket (SCM_RIGHTS), with one byte of data. The port here stays open.</summary>
    /// <exception cref="LinuxException">EPIPE: nobody is at the other end.</exception>
    public void SendTo(Socket socket) => DescriptorPassing.Send(socket, Handle);
}
