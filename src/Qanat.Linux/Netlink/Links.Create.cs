using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Qanat.Linux.Namespaces;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <content>
/// Making devices. Each call may fail with EEXIST, the name is taken, and with EOPNOTSUPP, the kernel has no such devices or
/// cannot load their module.
/// </content>
public sealed partial class Links
{
    private delegate void WriteData(ref NetlinkWriter request);

    /// <summary>Makes a wire with two ends.</summary>
    /// <param name="name">The end that is here.</param>
    /// <param name="peerName">The other end.</param>
    /// <param name="peerNamespace">Where the other end is; here unless told.</param>
    public void AddVeth(string name, string peerName, NetworkNamespace? peerNamespace = null)
    {
        Add(name, "veth", parent: 0, (ref NetlinkWriter data) =>
        {
            var peer = data.BeginNest(VETH_INFO_PEER);
            data.Append(new ifinfomsg());
            data.Add(IFLA_IFNAME, peerName);
            if (peerNamespace is not null)
                AddNamespace(ref data, peerNamespace);
            data.EndNest(peer);
        });
        GC.KeepAlive(peerNamespace);
    }

    /// <summary>Makes a bridge.</summary>
    public void AddBridge(string name) => Add(name, "bridge", parent: 0);

    /// <summary>Makes a device that carries the packets of one VLAN of another device.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parent">Index of the other device.</param>
    /// <param name="identifier">The VLAN, 0 to 4094.</param>
    /// <param name="protocol">How the tag is marked: IEEE 802.1Q unless told.</param>
    public void AddVlan(string name, int parent, ushort identifier, VlanProtocol protocol = VlanProtocol.Ieee8021Q) =>
        Add(name, "vlan", parent, (ref NetlinkWriter data) =>
        {
            data.Add(IFLA_VLAN_ID, identifier);
            data.Add(IFLA_VLAN_PROTOCOL, NetworkOrder((ushort)protocol));
        });

    /// <summary>Makes a device with a link-layer address of its own on another device.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parent">Index of the other device.</param>
    /// <param name="mode">Which of its kin it can talk to.</param>
    public void AddMacvlan(string name, int parent, MacvlanMode mode = MacvlanMode.Vepa) =>
        Add(name, "macvlan", parent, (ref NetlinkWriter data) => data.Add(IFLA_MACVLAN_MODE, mode));

    /// <summary>Makes an end of a VXLAN tunnel (RFC 7348).</summary>
    /// <param name="name">Its name.</param>
    /// <param name="options">How.</param>
    public void AddVxlan(string name, VxlanOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Add(name, "vxlan", parent: 0, (ref NetlinkWriter data) =>
        {
            data.Add(IFLA_VXLAN_ID, options.Identifier);
            AddEnd(ref data, options.Local, IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6);
            AddEnd(ref data, options.Remote, IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6);
            if (options.Parent != 0)
                data.Add(IFLA_VXLAN_LINK, options.Parent);
            if (options.TimeToLive != 0)
                data.Add(IFLA_VXLAN_TTL, options.TimeToLive);
            data.Add(IFLA_VXLAN_PORT, NetworkOrder(options.Port));
            data.Add(IFLA_VXLAN_LEARNING, options.Learning ? (byte)1 : (byte)0);
        });

        static void AddEnd(ref NetlinkWriter data, IPAddress? end, ushort type, ushort type6)
        {
            if (end is not null)
                data.Add(end.AddressFamily == AddressFamily.InterNetworkV6 ? type6 : type, end);
        }
    }

    private void Add(string name, string kind, int parent, WriteData? write = null)
    {
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
        request.Append(new ifinfomsg());
        request.Add(IFLA_IFNAME, name);
        if (parent != 0)
            request.Add(IFLA_LINK, parent);
        var information = request.BeginNest(IFLA_LINKINFO);
        request.Add(IFLA_INFO_KIND, kind);
        if (write is not null)
        {
            var data = request.BeginNest(IFLA_INFO_DATA);
            write(ref request);
            request.EndNest(data);
        }

        request.EndNest(information);
        _socket.Request(request, $"add link {name} type {kind}");
    }

    private static ushort NetworkOrder(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
