using Qanat.Linux.Devices;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Devices;

/// <summary>One packet a call: <c>Read</c>, <c>Write</c> and their asynchronous forms.</summary>
public sealed class TunDeviceStreamTests : IDisposable
{
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<TunOptions> Forms => new()
    {
        new TunOptions { LinkType = TunOptions.ARPHRD_TUNNEL },
        new TunOptions { LinkType = TunOptions.ARPHRD_TUNNEL, PacketInformation = true },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_ping_answered_by_hand_arrives(TunOptions options)
    {
        using var device = Open(options);
        var answering = Task.Run(() =>
        {
            var buffer = new byte[1500];
            for (var left = 3; left > 0; left--)
                device.Write(Answer(buffer.AsSpan(0, device.Read(buffer))));
        }, Cancel);
        _host.Do("ping -c 3 -i 0.01 -W 5 10.7.0.2");
        await answering.WaitAsync(Wait.Limit, Cancel);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_ping_answered_asynchronously_arrives(TunOptions options)
    {
        using var device = Open(options);
        var answering = AnswerAsync();
        _host.Do("ping -c 3 -i 0.01 -W 5 10.7.0.2");
        await answering.WaitAsync(Wait.Limit, Cancel);

        async Task AnswerAsync()
        {
            var buffer = new byte[1500];
            for (var left = 3; left > 0; left--)
            {
                var length = await device.ReadAsync(buffer, Cancel);
                await device.WriteAsync(Answer(buffer.AsSpan(0, length)).ToArray(), Cancel);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task One_thread_may_read_while_another_writes(TunOptions options)
    {
        using var device = Open(options);
        var sent = _host.Start("ping -f -c 5000 -s 1000 -p 11 10.7.0.2");
        byte[] packet = [0x45, 0, 4, 0, .. Enumerable.Repeat((byte)0xEE, 1020)];
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
                device.Write(packet);
        }, Cancel);
        var buffer = new byte[1500];
        while (!writing.IsCompleted)
        {
            var length = await device.ReadAsync(buffer, Cancel).AsTask().WaitAsync(Wait.Limit, Cancel);
            Assert.Equal(-1, buffer.AsSpan(0, length).IndexOf(packet.AsSpan(4, 64)));
        }
        await writing;
        sent.Dispose();
    }

    [Fact]
    public void A_packet_longer_than_the_buffer_is_said_to_be_so_and_the_next_one_is_read()
    {
        using var device = Open(new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        _host.Run("ping -c 1 -W 0.1 -s 1000 10.7.0.2");
        _host.Run("ping -c 1 -W 0.1 -s 10 10.7.0.2");
        var buffer = new byte[100];
        var failure = Assert.Throws<LinuxException>(() => device.Read(buffer));
        Assert.Equal("EMSGSIZE", failure.ErrorName);
        Assert.Equal(38, device.Read(buffer));
    }

    [Fact]
    public void What_cannot_be_written_says_why()
    {
        using var device = _host.Enter(() => TunDevice.Open("q0"));
        var down = Assert.Throws<LinuxException>(() => device.Write(Testbed.Packet("10.7.0.2", "10.7.0.1", 253, [1])));
        Assert.Equal(("EIO", "ip link set q0 up"), (down.ErrorName, down.Hint));
        _host.Do("ip link set q0 up");
        Assert.Equal("EINVAL", Assert.Throws<LinuxException>(() => device.Write([0x05, 1, 2])).ErrorName);
    }

    [Fact]
    public void A_device_of_super_packets_refuses_to_be_read_one_by_one()
    {
        using var device = _host.Enter(() => TunDevice.Open("q0", new() { VnetHeader = true }));
        Assert.Throws<InvalidOperationException>(() => device.Read(new byte[1500]));
        Assert.Throws<InvalidOperationException>(() => device.Write(new byte[20]));
    }

    [Fact]
    public async Task Disposing_ends_every_read_at_once()
    {
        var device = Open(new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        var blocked = Task.Run(() => device.Read(new byte[1500]), Cancel);
        Task[] awaiting = [.. Enumerable.Range(0, 5).Select(_ => device.ReadAsync(new byte[1500], Cancel).AsTask())];
        device.Dispose();
        await Assert.ThrowsAsync<PortClosedException>(() => blocked.WaitAsync(Wait.Limit, Cancel));
        foreach (var read in awaiting)
            await Assert.ThrowsAsync<PortClosedException>(() => read.WaitAsync(Wait.Limit, Cancel));
        await Assert.ThrowsAsync<PortClosedException>(() => device.ReadAsync(new byte[1500], Cancel).AsTask());
    }

    [Fact]
    public async Task Deleting_the_device_ends_an_awaited_read()
    {
        using var device = Open(new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        var read = device.ReadAsync(new byte[1500], Cancel).AsTask();
        _host.Do("ip link delete q0");
        await Assert.ThrowsAsync<PortClosedException>(() => read.WaitAsync(Wait.Limit, Cancel));
    }

    [Fact]
    public async Task A_cancelled_read_loses_no_packet()
    {
        using var device = Open(new() { LinkType = TunOptions.ARPHRD_TUNNEL });
        for (var i = 0; i < 100; i++)
        {
            using var cancel = new CancellationTokenSource();
            var read = device.ReadAsync(new byte[1500], cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(Wait.Limit, Cancel));
        }

        _host.Run("ping -c 1 -W 0.1 -s 10 10.7.0.2");
        Assert.Equal(38, await device.ReadAsync(new byte[1500], Cancel).AsTask().WaitAsync(Wait.Limit, Cancel));
    }

    [Fact]
    public void Packet_information_tells_the_protocol_and_lets_a_TUN_carry_another()
    {
        using var device = Open(new() { LinkType = TunOptions.ARPHRD_TUNNEL, PacketInformation = true });
        _host.Run("ping -c 1 -W 0.1 10.7.0.2");
        using var batch = device.ReceiveAtLeast(1);
        Assert.Equal(EtherType.IPv4, batch[0].Protocol);
        using var capture = new Capture(_host, "q0", "");
        batch.Clear();
        batch.TryAdd([0, 1, 0x11, 0x40, 0x45]);
        batch[0].Protocol = EtherType.Mpls;
        Assert.Equal(1, device.Send(batch));
        Assert.Equal([0, 1, 0x11, 0x40, 0x45], capture.WaitFor(1)[^1].ToArray());
    }

    // The packet turned about, an echo request made a reply.
    private static Span<byte> Answer(Span<byte> packet)
    {
        Span<byte> source = stackalloc byte[4];
        packet[12..16].CopyTo(source);
        packet[16..20].CopyTo(packet[12..]);
        source.CopyTo(packet[16..]);
        packet[20] = 0;
        packet[22] = packet[23] = 0;
        var checksum = InternetChecksum.Finish(InternetChecksum.Sum(packet[20..]));
        (packet[22], packet[23]) = ((byte)(checksum >> 8), (byte)checksum);
        return packet;
    }

    private TunDevice Open(TunOptions options)
    {
        var device = _host.Enter(() => TunDevice.Open("q0", options));
        _host.Do("ip addr add 10.7.0.1/24 dev q0", "ip link set q0 up");
        return device;
    }
}
