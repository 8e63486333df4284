using System.Net.NetworkInformation;
using Qanat.Linux.Namespaces;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <summary>Network devices: <c>ip link</c>. Got from <see cref="RouteNetlink.Links"/>.</summary>
public sealed partial class Links
{
    private const int MessageLength = 1024;
    private readonly NetlinkSocket _socket;

    internal Links(NetlinkSocket socket) => _socket = socket;

    /// <summary>All devices.</summary>
    public IReadOnlyList<Link> List()
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETLINK);
        request.Append(new ifinfomsg());
        return _socket.Dump<Link>(request, "list links");
    }

    /// <summary>The device of a name; null when there is none.</summary>
    public Link? Find(string name)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETLINK);
        request.Append(new ifinfomsg());
        request.Add(IFLA_IFNAME, name);
        return Find(request, name);
    }

    /// <summary>The device of an index; null when there is none.</summary>
    public Link? Find(int index)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_GETLINK);
        request.Append(new ifinfomsg { ifi_index = index });
        return Find(request, Named(index));
    }

    /// <summary>The device of a name.</summary>
    /// <exception cref="LinuxException">ENODEV: there is none.</exception>
    public Link Get(string name) => Find(name) ?? throw new NetlinkAck(Errno.ENODEV).ToException($"get link {name}");

    /// <summary>The device of an index.</summary>
    /// <exception cref="LinuxException">ENODEV: there is none.</exception>
    public Link Get(int index) => Find(index) ?? throw new NetlinkAck(Errno.ENODEV).ToException($"get link {Named(index)}");

    /// <summary>Switches a device on.</summary>
    public void SetUp(int index) => SetFlags(index, set: LinkFlags.Up);

    /// <summary>Switches a device off.</summary>
    public void SetDown(int index) => SetFlags(index, clear: LinkFlags.Up);

    /// <summary>Sets and clears flags; those in neither stay as they are.</summary>
    public void SetFlags(int index, LinkFlags set = LinkFlags.None, LinkFlags clear = LinkFlags.None)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_SETLINK);
        request.Append(new ifinfomsg { ifi_index = index, ifi_flags = (uint)set, ifi_change = (uint)(set | clear) });
        _socket.Request(request, $"set the flags of link {Named(index)}");
    }

    /// <summary>Sets the largest packet that a device takes, in bytes.</summary>
    public void SetMtu(int index, int mtu)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        request.Add(IFLA_MTU, mtu);
        _socket.Request(request, $"set the mtu of link {Named(index)} to {mtu}");
    }

    /// <summary>
    /// Sets up many devices in few system calls: some dozens go to the kernel in one, which answers those only that it refuses. A
    /// refusal does not keep the others from being set up.
    /// </summary>
    /// <returns>Those that were refused, in order, and why; none when all were set up.</returns>
    /// <exception cref="LinuxException">The socket failed; some of the devices may have been set up.</exception>
    public IReadOnlyList<LinkRefusal> SetAll(IEnumerable<LinkSettings> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        List<LinkRefusal> refusals = [];
        _socket.RequestAll(
            settings,
            Write,
            link => $"set up link {Named(link.Index)}",
            (link, reason) => refusals.Add(new(link, reason)));
        return refusals;
    }

    /// <summary>Sets how many packets may wait in a device's transmit queue.</summary>
    public void SetTransmitQueue(int index, int packets)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        request.Add(IFLA_TXQLEN, packets);
        _socket.Request(request, $"set the transmit queue of link {Named(index)} to {packets}");
    }

    /// <summary>Sets how large a super-packet (TSO, USO) a device is given at most.</summary>
    /// <param name="index">The device.</param>
    /// <param name="bytes">Bytes of headers and data, up to 65,536. TCP keeps some 300 of them back.</param>
    public void SetGsoMaxSize(int index, int bytes)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        request.Add(IFLA_GSO_MAX_SIZE, bytes);
        _socket.Request(request, $"set the largest super-packet of link {Named(index)} to {bytes}");
    }

    /// <summary>Gives a device another name.</summary>
    public void Rename(int index, string name)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        request.Add(IFLA_IFNAME, name);
        _socket.Request(request, $"rename link {Named(index)} to {name}");
    }

    /// <summary>Gives a device free text, up to 255 bytes; none takes it away.</summary>
    public void SetAlias(int index, string alias)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        if (alias.Length == 0)
            request.Add(IFLA_IFALIAS, ReadOnlySpan<byte>.Empty);
        else
            request.Add(IFLA_IFALIAS, alias);
        _socket.Request(request, $"set the alias of link {Named(index)}");
    }

    /// <summary>Gives a device another link-layer address.</summary>
    public void SetAddress(int index, PhysicalAddress address)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        request.Add(IFLA_ADDRESS, address.GetAddressBytes());
        _socket.Request(request, $"set the address of link {Named(index)}");
    }

    /// <summary>Puts a device into a bridge, bond or VRF, or takes it out (0).</summary>
    public void SetMaster(int index, int master)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        request.Add(IFLA_MASTER, master);
        _socket.Request(request, $"set the master of link {Named(index)} to {Named(master)}");
    }

    /// <summary>Moves a device into another namespace, where it may get another index.</summary>
    public void MoveTo(int index, NetworkNamespace networkNamespace)
    {
        var request = Change(stackalloc byte[MessageLength], index);
        AddNamespace(ref request, networkNamespace);
        _socket.Request(request, $"move link {Named(index)} to {networkNamespace}");
        GC.KeepAlive(networkNamespace);
    }

    /// <summary>Deletes a device, and with a veth its peer.</summary>
    public void Delete(int index)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_DELLINK);
        request.Append(new ifinfomsg { ifi_index = index });
        _socket.Request(request, $"delete link {Named(index)}");
    }

    private Link? Find(NetlinkWriter request, string name) =>
        _socket.TryGet<Link>(request, out var link, out var ack) ? link
            : ack.Error == Errno.ENODEV ? null
            : throw ack.ToException($"get link {name}");

    private static NetlinkWriter Write(LinkSettings settings, Span<byte> buffer)
    {
        var request = new NetlinkWriter(buffer, RTM_SETLINK);
        request.Append(new ifinfomsg
        {
            ifi_index = settings.Index,
            ifi_flags = settings.Up == true ? (uint)LinkFlags.Up : 0,
            ifi_change = settings.Up is null ? 0 : (uint)LinkFlags.Up,
        });
        if (settings.Mtu is { } mtu)
            request.Add(IFLA_MTU, mtu);
        return request;
    }

    private static NetlinkWriter Change(Span<byte> buffer, int index)
    {
        var request = new NetlinkWriter(buffer, RTM_SETLINK);
        request.Append(new ifinfomsg { ifi_index = index });
        return request;
    }

    private static void AddNamespace(ref NetlinkWriter request, NetworkNamespace networkNamespace) =>
        request.Add(IFLA_NET_NS_FD, (int)networkNamespace.Handle.DangerousGetHandle());

    private static string Named(int index) => $"#{index}";
}
