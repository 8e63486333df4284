using System.Buffers.Binary;
using Qanat.Linux.Devices;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Netlink;

/// <summary>A bridge of the kernel's with three ports: two TAPs that we hold, and a wire to another host.</summary>
public sealed class BridgeTests : IDisposable
{
    private const int JumboMtu = 9000;
    private static readonly MacAddress OurMac = new(0x0200_0000_0001), OtherMac = new(0x0200_0000_0002);
    private static readonly IPv4Address OurAddress = new(0x0A12_0003); // 10.18.0.3

    private readonly TestNamespace _switch = new("switch"), _host = new("host");
    private readonly RouteNetlink _netlink;
    private readonly TunDevice _left, _right;
    private readonly CancellationTokenSource _limit = new(Wait.Limit);

    public BridgeTests()
    {
        using var inside = _switch.Open();
        using var there = _host.Open();
        _netlink = RouteNetlink.In(inside);
        var options = new TunOptions { Mode = TunMode.Tap, Namespace = inside };
        (_left, _right) = (TunDevice.Open("tap0", options), TunDevice.Open("tap1", options));
        _netlink.Links.AddBridge("br0");
        _netlink.Links.AddVeth("port0", "eth0", there);
        foreach (var port in new[] { "tap0", "tap1", "port0" })
        {
            _netlink.Links.SetMtu(Index(port), JumboMtu);
            _netlink.Links.SetMaster(Index(port), Index("br0"));
            _netlink.Links.SetUp(Index(port));
        }

        _netlink.Links.SetUp(Index("br0"));
        _host.Do($"ip link set eth0 mtu {JumboMtu}", "ip addr add 10.18.0.1/24 dev eth0", "ip link set eth0 up");
        Wait.Until(() => new[] { "tap0", "tap1", "port0" }.All(Forwards), what: "the bridge to forward by all of its ports");
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
        _netlink.Dispose();
        _switch.Dispose();
        _host.Dispose();
        _limit.Dispose();
    }

    [Theory]
    [InlineData("an ordinary frame", new byte[] { 0x88, 0xB5 }, 46)]
    [InlineData("a tagged frame", new byte[] { 0x81, 0x00, 0x20, 0x07, 0x88, 0xB5 }, 42)]
    [InlineData("a frame with two tags", new byte[] { 0x88, 0xA8, 0x00, 0x05, 0x81, 0x00, 0x00, 0x07, 0x88, 0xB5 }, 100)]
    [InlineData("a jumbo frame", new byte[] { 0x88, 0xB5 }, JumboMtu)]
    [InlineData("a jumbo frame with a tag", new byte[] { 0x81, 0x00, 0x00, 0x07, 0x88, 0xB5 }, JumboMtu)]
    public async Task What_goes_into_one_tap_comes_out_of_the_other_as_it_was(string what, byte[] types, int payload)
    {
        byte[] frame = [.. new byte[12], .. types, .. Enumerable.Range(0, payload).Select(i => (byte)i)];
        MacAddress.Broadcast.Write(frame);
        OurMac.Write(frame.AsSpan(6));
        await _left.WriteAsync(frame, _limit.Token);
        Assert.True((await Next(_right, OurMac)).SequenceEqual(frame), what);

        // The bridge has learnt which port the address is behind: the answer goes there.
        OurMac.Write(frame);
        OtherMac.Write(frame.AsSpan(6));
        await _right.WriteAsync(frame, _limit.Token);
        Assert.True((await Next(_left, OtherMac)).SequenceEqual(frame), what);
    }

    [Theory]
    [InlineData("-c 3 -i 0.2")]
    [InlineData("-c 1 -s 8972 -M do")]
    public async Task A_host_behind_the_bridge_pings_whoever_answers_on_a_tap(string options)
    {
        using var answering = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        var answers = AnswerAsync(_left, answering.Token);
        await Task.Run(() => _host.Do($"ping {options} -w 10 10.18.0.3")); // as many answers as are asked for
        await answering.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answers);
        Assert.Contains("02:00:00:00:00:01", _host.Do("ip neigh show 10.18.0.3"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tap_that_nobody_holds_has_no_carrier_and_the_bridge_passes_it_by()
    {
        _switch.Do("ip tuntap add dev tap2 mode tap", "ip link set tap2 master br0 up");
        Wait.Until(() => !_netlink.Links.Get("tap2").HasCarrier, what: "no carrier");
        Assert.False(Forwards("tap2"));

        using var inside = _switch.Open();
        using (TunDevice.Open("tap2", new() { Mode = TunMode.Tap, Open = TunOpenMode.Attach, Namespace = inside }))
            Wait.Until(() => _netlink.Links.Get("tap2").HasCarrier && Forwards("tap2"), what: "a carrier");
        Wait.Until(() => !_netlink.Links.Get("tap2").HasCarrier && !Forwards("tap2"), what: "no carrier");
    }

    private int Index(string name) => _netlink.Links.Get(name).Index;

    private bool Forwards(string port) =>
        _switch.Link(port).GetProperty("linkinfo").GetProperty("info_slave_data").GetProperty("state").GetString() == "forwarding";

    // The next frame of a sender. The kernel's own (IPv6 looks for its neighbours) are passed over.
    private async Task<byte[]> Next(TunDevice port, MacAddress source)
    {
        var buffer = new byte[JumboMtu + 100];
        while (true)
        {
            var length = await port.ReadAsync(buffer, _limit.Token);
            if (MacAddress.Read(buffer.AsSpan(6)) == source)
                return buffer[..length];
        }
    }

    private static async Task AnswerAsync(TunDevice port, CancellationToken cancellationToken)
    {
        var buffer = new byte[JumboMtu + 100];
        while (true)
        {
            var length = await port.ReadAsync(buffer, cancellationToken);
            if (Answer(buffer.AsSpan(0, length)) is { } answer)
                await port.WriteAsync(answer, cancellationToken);
        }
    }

    private static byte[]? Answer(ReadOnlySpan<byte> frame)
    {
        if (!EthernetHeader.TryParse(frame, out var ethernet))
            return null;
        byte[] answer = [.. frame];
        EthernetHeader.Write(answer, ethernet.Source, OurMac, ethernet.EtherType);
        var payload = answer.AsSpan(EthernetHeader.MinSize);
        if (ethernet.EtherType == EtherType.Arp && ArpHeader.TryParse(ethernet.Payload, out var arp)
            && arp.Operation == ArpOperation.Request && arp.TargetProtocolAddress == OurAddress)
        {
            ArpHeader.Write(payload, ArpOperation.Reply, OurMac, OurAddress, arp.SenderHardwareAddress, arp.SenderProtocolAddress);
            return answer;
        }

        if (ethernet.EtherType == EtherType.IPv4 && IPv4Header.TryParse(ethernet.Payload, out var ip) && ip.Destination == OurAddress
            && ip.Protocol == IpProtocol.Icmp && IcmpHeader.TryParse(ip.Payload, out var icmp) && icmp.Type == IcmpType.EchoRequest)
        {
            IPv4Header.Write(payload, 0, ip.TotalLength, ip.Identification, dontFragment: true, 64, IpProtocol.Icmp, OurAddress, ip.Source);
            var message = payload[IPv4Header.MinSize..ip.TotalLength];
            message[..4].Clear(); // echo reply, code 0, checksum
            BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Compute(message));
            return answer;
        }

        return null;
    }
}
