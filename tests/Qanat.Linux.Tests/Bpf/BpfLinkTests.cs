using System.Net.Sockets;
using Qanat.Linux.Bpf;
using Qanat.Linux.Devices;
using Qanat.Testing;
using static Qanat.Linux.Tests.Bpf.Programs;

namespace Qanat.Linux.Tests.Bpf;

/// <summary>Programs at work on the packets of a TUN device.</summary>
public sealed class BpfLinkTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly TunDevice _device;
    private readonly BpfMap _counters = BpfMap.CreatePerCpuArray("qt_counters", 16, 1);
    private readonly BpfProgram _count;

    public BpfLinkTests()
    {
        _device = _host.Enter(() => TunDevice.Open("q0"));
        _count = BpfProgram.LoadClassifier("qt_count", Count(_counters));
        _host.Do("ip link set q0 addrgenmode none", "ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
    }

    public void Dispose()
    {
        _count.Dispose();
        _counters.Dispose();
        _device.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void What_goes_out_is_counted_until_the_link_is_disposed()
    {
        using (Attach(_count, BpfHook.TcxEgress))
        {
            _count.Dispose(); // the link runs it still
            Send(3);
            Assert.Equal((3, 3 * 84), Counted());
        }

        Send(3);
        Assert.Equal((3, 3 * 84), Counted());
    }

    [Fact]
    public void What_comes_in_is_counted()
    {
        using var link = Attach(_count, BpfHook.TcxIngress);
        for (var i = 0; i < 5; i++)
            _device.Write(Testbed.Packet("10.7.0.2", "10.7.0.1", 253, new byte[80]));
        Send(1);
        Assert.Equal((5, 500), Counted());
    }

    [Fact]
    public void What_a_program_drops_does_not_leave()
    {
        using var drop = BpfProgram.LoadClassifier("qt_drop", Give(TCX_DROP));
        using (Attach(drop, BpfHook.TcxEgress))
        {
            Send(3);
            Assert.Equal(0, Sent());
        }

        Send(3);
        Assert.Equal(3, Sent());
    }

    [Fact]
    public void Of_two_programs_the_first_decides_what_the_second_sees()
    {
        using var next = BpfProgram.LoadClassifier("qt_next", Give(TCX_NEXT));
        using var drop = BpfProgram.LoadClassifier("qt_drop", Give(TCX_DROP));
        using var first = Attach(next, BpfHook.TcxEgress);
        using var second = Attach(_count, BpfHook.TcxEgress);
        using var third = Attach(drop, BpfHook.TcxEgress);
        Send(2);
        Assert.Equal((2, 2 * 84), Counted());
        Assert.Equal(0, Sent());
        second.Dispose();
        using var fourth = Attach(_count, BpfHook.TcxEgress);
        Send(2);
        Assert.Equal((2, 2 * 84), Counted());
    }

    [Fact]
    public void A_link_outlives_its_device()
    {
        using var link = Attach(_count, BpfHook.TcxEgress);
        _device.Dispose();
        link.Dispose();
        link.Dispose();
        var refusal = Assert.Throws<LinuxException>(() => Attach(_count, BpfHook.TcxEgress));
        Assert.Equal(Errno.ENODEV, refusal.Error);
        Assert.StartsWith($"attach the BPF program qt_count to link #", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_disposed_is_not_attached()
    {
        _count.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Attach(_count, BpfHook.TcxEgress));
    }

    private BpfLink Attach(BpfProgram program, BpfHook hook) => _host.Enter(() => BpfLink.Attach(program, _device.Index, hook));

    // Packets of 84 bytes. Without a process, whose birth would have descriptors of other tests open for longer.
    private void Send(int count) => _host.Enter(() =>
    {
        using var socket = new UdpClient();
        for (var i = 0; i < count; i++)
            socket.Send(new byte[56], "10.7.0.2", 9);
        return count;
    });

    private (long Packets, long Bytes) Counted()
    {
        Span<long> sums = stackalloc long[2];
        _counters.SumPerCpu(0, sums);
        return (sums[0], sums[1]);
    }

    // The program of the device reads what was sent: nothing else is, with IPv6 without addresses.
    private int Sent()
    {
        var sent = 0;
        for (var packet = new byte[2000]; _device.Wait(TimeSpan.Zero); sent++)
            _device.Read(packet);
        return sent;
    }
}
