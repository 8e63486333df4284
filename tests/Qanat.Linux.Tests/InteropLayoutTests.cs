using System.Runtime.CompilerServices;

namespace Qanat.Linux.Tests;

/// <summary>What goes to the kernel has the size that the kernel's headers give it.</summary>
public class InteropLayoutTests
{
    [Fact]
    public void Structures_have_the_kernels_sizes()
    {
        Assert.Equal(40, Unsafe.SizeOf<Interop.If.ifreq>());
        Assert.Equal(10, Unsafe.SizeOf<Interop.VirtioNet.virtio_net_hdr>());
        Assert.Equal(24, Unsafe.SizeOf<Interop.VirtioNet.virtio_net_hdr_v1_hash_tunnel>());
        Assert.Equal(4, Unsafe.SizeOf<Interop.IfTun.tun_pi>());
        Assert.Equal(4, Unsafe.SizeOf<Interop.IfTun.tun_filter>());
        Assert.Equal(8, Unsafe.SizeOf<Linux.Devices.FilterInstruction>());
        Assert.Equal(8, Unsafe.SizeOf<Interop.Poll.pollfd>());
        Assert.Equal(16, Unsafe.SizeOf<Interop.Socket.iovec>());
        Assert.Equal(56, Unsafe.SizeOf<Interop.Socket.msghdr>());
        Assert.Equal(64, Unsafe.SizeOf<Interop.Socket.mmsghdr>());
        Assert.Equal(16, Unsafe.SizeOf<Interop.Socket.cmsghdr>());
        Assert.Equal(16, Unsafe.SizeOf<Interop.In.sockaddr_in>());
        Assert.Equal(12, Unsafe.SizeOf<Interop.In.in_pktinfo>());
        Assert.Equal(12, Unsafe.SizeOf<Interop.In.ip_mreqn>());
        Assert.Equal(28, Unsafe.SizeOf<Interop.In6.sockaddr_in6>());
        Assert.Equal(20, Unsafe.SizeOf<Interop.In6.in6_pktinfo>());
        Assert.Equal(20, Unsafe.SizeOf<Interop.In6.ipv6_mreq>());
        Assert.Equal(32, Unsafe.SizeOf<Interop.In6.icmp6_filter>());
        Assert.Equal(8, Unsafe.SizeOf<Interop.Filter.sock_filter>());
        Assert.Equal(16, Unsafe.SizeOf<Interop.Filter.sock_fprog>());
        Assert.Equal(20, Unsafe.SizeOf<Interop.IfPacket.sockaddr_ll>());
        Assert.Equal(16, Unsafe.SizeOf<Interop.IfPacket.tpacket_req>());
        Assert.Equal(32, Unsafe.SizeOf<Interop.IfPacket.tpacket2_hdr>());
        Assert.Equal(4, Unsafe.SizeOf<Interop.Nfnetlink.nfgenmsg>());
        Assert.Equal(24, Unsafe.SizeOf<Interop.Xfrm.xfrmu_spdinfo>());
        Assert.Equal(3, Unsafe.SizeOf<Interop.Xfrm.xfrm_userpolicy_default>());
        Assert.Equal(8, Unsafe.SizeOf<Interop.Ethtool.ethtool_value>());
        Assert.Equal(256, Unsafe.SizeOf<Interop.Stat.statx_t>());
        Assert.Equal(128, Unsafe.SizeOf<Interop.Bpf.bpf_attr>());
        Assert.Equal(44, Unsafe.SizeOf<Interop.Bpf.bpf_attr_map_create>());
        Assert.Equal(32, Unsafe.SizeOf<Interop.Bpf.bpf_attr_elem>());
        Assert.Equal(64, Unsafe.SizeOf<Interop.Bpf.bpf_attr_prog_load>());
        Assert.Equal(16, Unsafe.SizeOf<Interop.Bpf.bpf_attr_link_create>());
    }
}
