using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Qanat.Linux.Netlink;
using static Qanat.Linux.Interop.Fcntl;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Nfnetlink;
using static Qanat.Linux.Interop.Unistd;

namespace Qanat.Linux.Netfilter;

/// <summary>
/// Whether netfilter has anything to do with the IPv4 packets that a network namespace sends, or those that arrive there: whether a
/// way that passes netfilter by (a packet socket, a BPF program) does what an IP socket would. It belongs to one thread at a time.
/// </summary>
/// <remarks>
/// The kernel lists its hooks from 5.14 on, where it has CONFIG_NETFILTER_NETLINK_HOOK. Elsewhere any nftables table of the
/// families ip and inet counts, and any table of iptables, whatever its chains do. Asking may load kernel modules the first
/// time, not again. It allocates nothing. Source: linux/netfilter/nfnetlink_hook.h, net/netfilter/nfnetlink.c.
/// </remarks>
public sealed class NetfilterHooks : IDisposable
{
    private readonly NetlinkSocket? _socket = NetlinkSocket.OpenIfSupported(NETLINK_NETFILTER);
    private readonly byte[] _request = new byte[64];
    private readonly List<NetfilterHook> _hooks = [];
    private readonly List<NetfilterTable> _tables = [];
    private bool _listsHooks, _listsDevices, _listsTables;

    /// <summary>Opens a socket to the namespace that the calling thread is in.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NetfilterHooks() => _listsHooks = _listsDevices = _listsTables = _socket is not null;

    /// <summary>
    /// True when something is there for packets that leave, or may be, since the kernel would not say. To be called on a thread in
    /// the same namespace.
    /// </summary>
    public bool AnyOutput() => Any(NF_INET_LOCAL_OUT, NF_INET_POST_ROUTING);

    /// <summary>The same for packets that arrive for this host.</summary>
    public bool AnyInput() => Any(NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN);

    /// <summary>
    /// The same for packets that arrive at a device, whomever they are for. Where the kernel does not list its hooks
    /// <see cref="AnyInput"/> says so too.
    /// </summary>
    public bool AnyIngress(string device)
    {
        if (!_listsDevices)
            return false;
        var request = Request(NFNL_SUBSYS_HOOK, NFNL_MSG_HOOK_GET, NFPROTO_NETDEV);
        request.Add(NFNLA_HOOK_HOOKNUM, BinaryPrimitives.ReverseEndianness(NF_NETDEV_INGRESS));
        request.Add(NFNLA_HOOK_DEV, device);
        return Any(request, _hooks, ref _listsDevices);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private bool Any(uint first, uint second)
    {
        if (_listsHooks)
        {
            var any = AnyHook(first) || AnyHook(second);
            if (_listsHooks)
                return any;
        }

        return AnyTable() || AnyIptablesTable();
    }

    private bool AnyHook(uint hook)
    {
        var request = Request(NFNL_SUBSYS_HOOK, NFNL_MSG_HOOK_GET, NFPROTO_IPV4);
        request.Add(NFNLA_HOOK_HOOKNUM, BinaryPrimitives.ReverseEndianness(hook));
        return Any(request, _hooks, ref _listsHooks);
    }

    private bool AnyTable() => Any(Request(NFNL_SUBSYS_NFTABLES, NFT_MSG_GETTABLE, NFPROTO_UNSPEC), _tables, ref _listsTables);

    // A kernel without the subsystem looks for its module each time that it is asked, and so is asked no more.
    private bool Any<T>(NetlinkWriter request, List<T> found, ref bool supported) where T : class, INetlinkParsable<T>
    {
        if (!supported)
            return false;
        if (_socket!.TryDump(request, found, out var ack))
            return found.Count > 0;
        supported = ack.Error is not (Errno.EINVAL or Errno.EOPNOTSUPP or Errno.EPROTONOSUPPORT);
        return supported;
    }

    private NetlinkWriter Request(ushort subsystem, ushort message, byte family)
    {
        var request = new NetlinkWriter(_request, Type(subsystem, message));
        request.Append(new nfgenmsg { nfgen_family = family });
        return request;
    }

    // The file comes with the module, and names the tables that this namespace has.
    private static unsafe bool AnyIptablesTable()
    {
        var file = open("/proc/thread-self/net/ip_tables_names", O_RDONLY | O_CLOEXEC, 0);
        if (file < 0)
            return Marshal.GetLastSystemError() != Errno.ENOENT;
        byte first;
        var length = read(file, &first, 1);
        _ = close(file);
        return length != 0;
    }
}
