using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Iproute2.Tuntap;

/// <summary>The flags of a device in <c>ip</c>'s words and order.</summary>
/// <param name="device">The device.</param>
/// <param name="flags">Its flags as /sys has them; null where only netlink tells, which leaves out the rare ones.</param>
internal readonly struct TuntapFlags(Link device, uint? flags)
{
    private const TunFeatures Named = TunFeatures.Tun | TunFeatures.Tap | TunFeatures.NoPacketInformation | TunFeatures.OneQueue |
        TunFeatures.MultiQueue | TunFeatures.VnetHeader | TunFeatures.Persistent;

    private readonly TunFeatures _flags = flags is { } known ? (TunFeatures)known : OfNetlink(device.Tun ?? new());

    /// <summary>The words.</summary>
    public IEnumerable<string> Names()
    {
        if (Has(TunFeatures.Tun))
            yield return "tun";
        if (Has(TunFeatures.Tap))
            yield return "tap";
        if (!Has(TunFeatures.NoPacketInformation))
            yield return "pi";
        if (Has(TunFeatures.OneQueue))
            yield return "one_queue";
        if (Has(TunFeatures.MultiQueue))
            yield return "multi_queue";
        if (Has(TunFeatures.VnetHeader))
            yield return "vnet_hdr";
        if (Has(TunFeatures.Persistent))
            yield return "persist";
        if (!Has(TunFeatures.NoPacketInformation))
            yield return "filter"; // IFF_NOFILTER is the same bit
        if ((_flags & ~Named) is var others and not TunFeatures.None)
            yield return $"0x{(uint)others:x}";
    }

    private bool Has(TunFeatures flag) => (_flags & flag) != 0;

    private static TunFeatures OfNetlink(TunDetails tun) =>
        (tun.Tap ? TunFeatures.Tap : TunFeatures.Tun) |
        (tun.PacketInformation ? 0 : TunFeatures.NoPacketInformation) |
        (tun.MultiQueue ? TunFeatures.MultiQueue : 0) |
        (tun.VnetHeader ? TunFeatures.VnetHeader : 0) |
        (tun.Persistent ? TunFeatures.Persistent : 0);
}
