using static Qanat.Linux.Interop.If;
using static Qanat.Linux.Interop.IfTun;

namespace Qanat.Linux.Devices;

/// <content>The queues of a device that was opened with <see cref="TunOptions.MultiQueue"/>: each is a port of its own.</content>
public sealed unsafe partial class TunDevice
{
    /// <summary>Opens a further queue of this device, with the same options, wherever the device is by now.</summary>
    /// <exception cref="LinuxException">
    /// EBUSY: the device was not opened for several queues; E2BIG: it has as many as there can be.
    /// </exception>
    public TunDevice OpenQueue()
    {
        using var there = OpenNamespace();
        return Open(Name, _options with
        {
            Open = TunOpenMode.Attach,
            Namespace = there,
            Offloads = Offloads.Wanted,
            Index = null,
            LinkType = null,
            Owner = null,
            Group = null,
            Persistent = null,
        });
    }

    /// <summary>
    /// Gives this queue packets (true), or none (false): then the others get them all, and nothing can be received or sent
    /// here until it has them again. A queue that is opened has them.
    /// </summary>
    /// <exception cref="LinuxException">EINVAL: the device has but one queue, or the queue is in that state already.</exception>
    public void SetQueue(bool attached)
    {
        ifreq request = new() { ifr_flags = attached ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE };
        Control(attached ? "attach the queue" : "detach the queue", TUNSETQUEUE, &request);
    }
}
