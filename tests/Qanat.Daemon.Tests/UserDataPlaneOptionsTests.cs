using Qanat.Daemon.DataPlane;
using Qanat.Linux.Devices;

namespace Qanat.Daemon.Tests;

public sealed class UserDataPlaneOptionsTests
{
    private static readonly UserDataPlaneOptions s_all = new();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" , ")]
    public void Without_words_all_is_on(string? words)
    {
        var options = UserDataPlaneOptions.Parse(words);
        Assert.Equal(s_all, options);
        Assert.True(options is { PacketRing: true, Gro: true, UdpSegment: true, UdpGro: true });
        Assert.True(options.Sockets is { Segment: true, Coalesce: true });
    }

    [Fact]
    public void Each_word_turns_off_one_thing_alone()
    {
        Assert.Equal(s_all with { PacketRing = false }, UserDataPlaneOptions.Parse("packet-ring"));
        Assert.Equal(s_all with { Gro = false }, UserDataPlaneOptions.Parse("gro"));
        Assert.Equal(s_all with { UdpSegment = false }, UserDataPlaneOptions.Parse("udp-segment"));
        Assert.Equal(s_all with { UdpGro = false }, UserDataPlaneOptions.Parse("udp-gro"));
        Assert.Equal(TunOffloads.Uso, TunOffloads.Plain & ~UserDataPlaneOptions.Parse("uso").Offloads);
        Assert.Equal(TunOffloads.Tso4 | TunOffloads.Tso6 | TunOffloads.TsoEcn,
            TunOffloads.Plain & ~UserDataPlaneOptions.Parse("tso").Offloads);
    }

    [Fact]
    public void Sockets_are_opened_as_the_words_have_it()
    {
        Assert.True(UserDataPlaneOptions.Parse("udp-segment").Sockets is { Segment: false, Coalesce: true });
        Assert.True(UserDataPlaneOptions.Parse("gro, udp-gro").Sockets is { Segment: true, Coalesce: false });
    }

    [Fact]
    public void There_are_more_workers_where_there_are_processors_for_them()
    {
        Assert.Equal([1, 1, 1, 2, 2, 4, 4], new[] { 1, 2, 3, 4, 7, 8, 128 }.Select(UserDataPlaneOptions.DefaultWorkers));
        Assert.Equal((1, 16), (UserDataPlaneOptions.ParseWorkers("1"), UserDataPlaneOptions.ParseWorkers("16")));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("17")]
    [InlineData("-1")]
    [InlineData("two")]
    [InlineData("99999999999")]
    public void A_number_of_workers_that_cannot_be_is_refused(string text)
    {
        var fault = Assert.Throws<ArgumentException>(() => UserDataPlaneOptions.ParseWorkers(text));
        Assert.Equal($"QANAT_WORKERS: \"{text}\" is no number from 1 to 16", fault.Message);
    }

    [Theory]
    [InlineData(UserDataPlaneOptions.PostQuantumVariable)]
    [InlineData(UserDataPlaneOptions.BpfVariable)]
    public void What_is_off_by_itself_is_on_where_it_is_asked_for(string variable)
    {
        Assert.Equal([false, false, false, true],
            new[] { null, "", "0", "1" }.Select(text => UserDataPlaneOptions.ParseSwitch(variable, text)));
        var fault = Assert.Throws<ArgumentException>(() => UserDataPlaneOptions.ParseSwitch(variable, "yes"));
        Assert.Equal($"{variable}: \"yes\" is neither 0 nor 1", fault.Message);
    }

    [Fact]
    public void What_is_off_is_said_to_be()
    {
        var told = UserDataPlaneOptions.Parse("udp-segment,udp-gro").Describe(default, "on", "on");
        Assert.Equal(("off (QANAT_DISABLE)", "off (QANAT_DISABLE)", "on"), (told["udp-segment"], told["udp-gro"], told["gro"]));
        Assert.Equal("not asked for (QANAT_BPF=1)", told["bpf"]);
        told = new UserDataPlaneOptions { Bpf = true }.Describe(default, "on", "on (for 1 of 2 tunnels)");
        Assert.Equal("on (for 1 of 2 tunnels)", told["bpf"]);
    }

    [Fact]
    public void A_word_that_means_nothing_is_refused_with_those_that_do()
    {
        var fault = Assert.Throws<ArgumentException>(() => UserDataPlaneOptions.Parse("gro,udpgro"));
        Assert.Equal("QANAT_DISABLE: \"udpgro\" is none of packet-ring, gro, tso, uso, udp-segment, udp-gro, mtu-probing", fault.Message);
    }
}
