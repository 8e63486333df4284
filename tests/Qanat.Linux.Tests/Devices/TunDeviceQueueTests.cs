using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Qanat.Linux.Devices;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Devices;

/// <summary>Queues, the programs that choose among packets, and descriptors that change hands.</summary>
public sealed partial class TunDeviceQueueTests : IDisposable
{
    private static readonly TunOptions Queued = new() { MultiQueue = true, LinkType = TunOptions.ARPHRD_TUNNEL };
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_detached_queue_gets_nothing_until_it_is_attached_again()
    {
        using var first = Open(Queued);
        using var second = first.OpenQueue();
        Assert.Equal(first.Name, second.Name);
        second.SetQueue(false);
        Flood();
        Assert.Equal((20, 0), (Count(first), Count(second)));
        Assert.Equal("EINVAL", Assert.Throws<LinuxException>(() => second.SetQueue(false)).ErrorName);
        second.SetQueue(true);
        first.SetQueue(false);
        Flood();
        Assert.Equal((0, 20), (Count(first), Count(second)));
    }

    [Fact]
    public void A_device_with_one_queue_has_no_second()
    {
        using var device = Open(new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        Assert.Equal("EBUSY", Assert.Throws<LinuxException>(device.OpenQueue).ErrorName);
        Assert.Equal("EINVAL", Assert.Throws<LinuxException>(() => device.SetQueue(false)).ErrorName);
    }

    [Theory]
    [InlineData(0, 20, 0)]
    [InlineData(1, 0, 20)]
    public void A_steering_program_chooses_the_queue(int answer, int inFirst, int inSecond)
    {
        using var first = Open(Queued);
        using var second = first.OpenQueue();
        using var program = Load(answer);
        first.SetSteeringProgram(program);
        Flood();
        Assert.Equal((inFirst, inSecond), (Count(first), Count(second)));
        first.SetSteeringProgram(null);
    }

    [Fact]
    public void A_filter_program_that_keeps_nothing_drops_everything()
    {
        using var device = Open(new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        using var program = Load(0);
        device.SetFilterProgram(program);
        Flood();
        Assert.Equal(0, Count(device));
        device.SetFilterProgram(null);
        Flood();
        Assert.Equal(20, Count(device));
    }

    [Fact]
    public void A_classic_filter_lets_a_TAP_see_only_what_it_accepts()
    {
        using var device = Open(new() { Mode = TunMode.Tap });
        const ushort LoadHalf = 0x28, JumpIfEqual = 0x15, Return = 0x06;
        device.AttachFilter([new(LoadHalf, 0, 0, 12), new(JumpIfEqual, 0, 1, 0x0806), new(Return, 0, 0, 0xFFFF), new(Return, 0, 0, 0)]);
        Count(device); // what was sent before takes no notice of it
        _host.Do("ip neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev q0");
        _host.Run("ping -c 1 -W 0.1 10.7.0.9");
        _host.Run("ping -c 1 -W 0.1 10.7.0.2");
        var buffer = new byte[2000];
        Assert.True(device.Wait(Wait.Limit));
        var length = device.Read(buffer);
        Assert.True(EthernetHeader.TryParse(buffer.AsSpan(0, length), out var frame));
        Assert.Equal(EtherType.Arp, frame.EtherType);
        device.DetachFilter();
        Assert.Equal("EINVAL", Assert.Throws<LinuxException>(() => device.AttachFilter([new(0xFFFF, 0, 0, 0)])).ErrorName);
    }

    [Fact]
    public void A_transmit_filter_lets_a_TAP_see_only_frames_to_its_addresses()
    {
        using var device = Open(new() { Mode = TunMode.Tap });
        _host.Do("ip -6 addr flush dev q0", "ip neigh add 10.7.0.8 lladdr 02:00:00:00:00:08 dev q0",
            "ip neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev q0");
        device.SetTransmitFilter([new(0x0200_0000_0009)]);
        _host.Run("ping -c 1 -W 0.1 10.7.0.8");
        _host.Run("ping -c 1 -W 0.1 10.7.0.9");
        using var batch = device.ReceiveAtLeast(1);
        for (var i = 0; i < batch.Count; i++)
        {
            Assert.True(EthernetHeader.TryParse(batch.Bytes(i), out var frame));
            Assert.NotEqual(new MacAddress(0x0200_0000_0008), frame.Destination);
        }
    }

    [Fact]
    public void A_device_handed_over_a_socket_is_the_same_device()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var path = Path.Combine(Path.GetTempPath(), $"qanat-{Guid.NewGuid():N}");
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            using var near = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            near.Connect(new UnixDomainSocketEndPoint(path));
            using var far = listener.Accept();
            var first = Open(new() { VnetHeader = true, LinkType = TunOptions.ARPHRD_TUNNEL });
            first.SendTo(near);
            first.Dispose();
            using var second = TunDevice.ReceiveFrom(far);
            Assert.Equal(("q0", _host.IndexOf("q0"), TunMode.Tun), (second.Name, second.Index, second.Mode));
            Assert.True(second.Features.HasFlag(TunFeatures.VnetHeader));
            Flood();
            Assert.Equal(20, Count(second));
            near.Send([1]);
            Assert.Throws<InvalidDataException>(() => TunDevice.ReceiveFrom(far));
            near.Dispose();
            Assert.Throws<EndOfStreamException>(() => TunDevice.ReceiveFrom(far));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void What_is_no_device_is_not_taken_over()
    {
        using var file = File.OpenHandle("/dev/null");
        Assert.Equal("ENOTTY", Assert.Throws<LinuxException>(() => TunDevice.FromDescriptor(file)).ErrorName);
        using var unattached = File.OpenHandle("/dev/net/tun", access: FileAccess.ReadWrite);
        Assert.Equal("EBADFD", Assert.Throws<LinuxException>(() => TunDevice.FromDescriptor(unattached)).ErrorName);
    }

    [Fact]
    public void A_descriptor_that_is_not_taken_over_stays_open()
    {
        using var file = File.OpenHandle("/dev/null");
        var number = (int)file.DangerousGetHandle();
        Assert.Throws<LinuxException>(() => TunDevice.FromDescriptor(number));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal("/dev/null", new FileInfo($"/proc/self/fd/{number}").LinkTarget);
    }

    [Theory]
    [InlineData(TunMode.Tun)]
    [InlineData(TunMode.Tap)]
    public void A_device_is_taken_over_without_any_right(TunMode mode)
    {
        using var first = Open(new() { Mode = mode, PacketInformation = true });
        var bytes = _host.Enter(() => WithoutRights(() =>
        {
            using var second = TunDevice.FromDescriptor(first.Handle);
            return (second.Index, second.Mtu);
        }));
        Assert.Equal((first.Index, 1500), bytes);
    }

    // The thread's own capabilities, taken away and given back (capset(2)).
    private static unsafe T WithoutRights<T>(Func<T> action)
    {
        var header = stackalloc uint[] { 0x20080522, 0 };
        var before = stackalloc uint[6];
        Assert.Equal(0, capget(header, before));
        var none = stackalloc uint[] { 0, before[1], before[2], 0, before[4], before[5] };
        Assert.Equal(0, capset(header, none));
        try
        {
            return action();
        }
        finally
        {
            Assert.Equal(0, capset(header, before));
        }
    }

    // Twenty datagrams to 10.7.0.2, each from a port, and so a flow, of its own.
    private void Flood() => _host.Enter(() =>
    {
        for (var i = 0; i < 20; i++)
        {
            using var socket = new UdpClient("10.7.0.2", 9);
            socket.Send([1]);
        }
    });

    private static int Count(TunDevice device)
    {
        using var batch = new PacketBatch();
        return device.Receive(batch);
    }

    private TunDevice Open(TunOptions options)
    {
        var device = _host.Enter(() => TunDevice.Open("q0", options));
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        return device;
    }

    // The eBPF program `return answer` (bpf(2), BPF_PROG_LOAD of a socket filter).
    private static unsafe SafeFileHandle Load(int answer)
    {
        var code = stackalloc ulong[] { 0xB7UL | (ulong)(uint)answer << 32, 0x95UL }; // r0 = answer; exit
        var license = stackalloc byte[] { (byte)'M', (byte)'I', (byte)'T', 0 };
        var attributes = stackalloc ulong[16];
        new Span<ulong>(attributes, 16).Clear();
        attributes[0] = 1 | 2UL << 32; // BPF_PROG_TYPE_SOCKET_FILTER, two instructions
        attributes[1] = (ulong)code;
        attributes[2] = (ulong)license;
        var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;
        var descriptor = (int)syscall(number, 5, attributes, 128);
        return descriptor >= 0 ? new(descriptor, ownsHandle: true) : throw new LinuxException("bpf", Marshal.GetLastSystemError());
    }

    [LibraryImport("libc")]
    private static unsafe partial int capget(uint* header, uint* data);

    [LibraryImport("libc")]
    private static unsafe partial int capset(uint* header, uint* data);

    [LibraryImport("libc")]
    private static unsafe partial nint syscall(nint number, nint command, void* attributes, nint size);
}
