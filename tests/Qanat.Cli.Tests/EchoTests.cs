using Qanat.Cli.Echo;
using Qanat.Cli.Iproute2;
using Qanat.Hosts;
using Qanat.Linux.Devices;
using Qanat.Packets;

namespace Qanat.Cli.Tests;

public class EchoTests
{
    [Fact]
    public void The_words_may_come_in_any_order()
    {
        const string words = "quiet address fd18::3/64 count 3 mode tun address 10.18.0.3/24 host 10.18.0.1/24 dev qa0";
        var request = EchoGrammar.Parse(words.Split(' '));
        Assert.Equal(("qa0", TunMode.Tun, 3L, true), (request.Device, request.Mode!.Value, request.Count!.Value, request.Quiet));
        Assert.Equal("10.18.0.3/24", $"{request.IPv4.Single()}");
        Assert.Equal("fd18::3/64", $"{request.IPv6.Single()}");
        Assert.Equal("10.18.0.1/24", request.HostAddresses.Single());
    }

    [Theory]
    [InlineData("address 10.18.0.3/24", "which device?", 255)]
    [InlineData("dev tap0", "whose pings?", 255)]
    [InlineData("dev", "a value is missing after \"dev\"", 255)]
    [InlineData("dev tap0 adress 10.18.0.3/24", "\"adress\" is no word of it", 255)]
    [InlineData("dev a/b address 10.18.0.3/24", "\"a/b\" is no name", 255)]
    [InlineData("dev abcdefghijklmnop address 10.18.0.3/24", "is no name", 255)]
    [InlineData("dev ééééééééé address 10.18.0.3/24", "is no name", 255)]
    [InlineData("dev tap0 mode tup address 10.18.0.3/24", "mode is tun", 255)]
    [InlineData("dev tap0 count 0 address 10.18.0.3/24", "count is how many", 255)]
    [InlineData("dev tap0 lladdr 01:00:5e:00:00:01 address 10.18.0.3/24", "is no Ethernet address of one host", 1)]
    [InlineData("dev tap0 lladdr 1:2:3:4:5 address 10.18.0.3/24", "is no Ethernet address of one host", 1)]
    [InlineData("dev tap0 address 10.18.0.3/33", "is no address of one host", 1)]
    [InlineData("dev tap0 address 10.18.0.255/24", "is no address of one host", 1)]
    [InlineData("dev tap0 address 224.0.0.1", "is no address of one host", 1)]
    [InlineData("dev tap0 address ff02::1/64", "is no address of one host", 1)]
    [InlineData("dev tap0 address fe80::1%eth0/64", "names a zone", 1)]
    [InlineData("dev tap0 address fe80::1/64 host fe80::2%tap0/64", "names a zone", 1)]
    [InlineData("dev tap0 dev tap1 address 10.18.0.3/24", "\"dev\" is there twice", 255)]
    [InlineData("dev tap0 count 1 count 2 address 10.18.0.3/24", "\"count\" is there twice", 255)]
    [InlineData("dev tap0 address ::/0", "is no address of one host", 1)]
    [InlineData("dev tap0 address 10.18.0.3/24 host 10.18.0.3/24", "cannot be on both sides", 1)]
    public void What_makes_no_sense_is_told(string words, string text, int exitCode)
    {
        var failure = Assert.Throws<CommandFailure>(() => EchoGrammar.Parse(words.Split(' ')));
        Assert.Equal(exitCode, failure.ExitCode);
        Assert.StartsWith("echo: ", failure.Message);
        Assert.Contains(text, failure.Message);
    }

    [Fact]
    public void Lines_are_bounded_within_a_second_and_the_rest_is_told()
    {
        var output = new StringWriter();
        var printer = new EchoPrinter(output, json: false, quiet: false, new MacAddress(0x0200_0A12_0003), TimeProvider.System);
        var source = new IPv4Address(0x0A12_0001);
        var exchange = new Exchange(HostEvent.EchoReply)
        {
            Source = IpAddress.From(source), Identifier = 5, SequenceNumber = 1, Length = 64,
        };
        for (var n = 0; n < 100; n++)
            printer.OnExchange(exchange);
        printer.OnExchange(new(HostEvent.InAddrErrors));
        Assert.Equal(EchoPrinter.LinesPerSecond, output.ToString().Count(c => c == '\n'));
        Assert.StartsWith("ICMP echo request from 10.18.0.1, id 5, seq 1, 64 bytes: answered\n", output.ToString());
        Assert.Equal(100, printer.Answered);
    }
}
