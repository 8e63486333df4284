using Qanat.Cli.Doctor;
using Qanat.Cli.Doctor.Checks;
using Qanat.Cli.Tests.Doctor.Support;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Tests.Doctor;

public sealed class WireGuardCheckTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void One_that_is_on_and_does_not_listen_is_told_with_its_port()
    {
        var finding = Assert.Single(Examine(new InterfaceReport { Interface = "wg0", Up = false, ListenPort = 777 }));
        Assert.Equal((Severity.Blocks, "wireguard-deaf", "wg0"), (finding.Severity, finding.Name, finding.Device));
        Assert.Equal("wg0 is on, but does not listen: another program has UDP port 777", finding.What);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(null)]
    public void One_that_listens_or_does_not_say_is_well(bool? up) =>
        Assert.Empty(Examine(new InterfaceReport { Interface = "wg0", Up = up }));

    [Fact]
    public void One_that_is_off_is_not_deaf() => Assert.Empty(Examine(new InterfaceReport { Interface = "wg9", Up = false }));

    [Fact]
    public void Who_never_answered_and_a_handshake_to_come_are_told() => Assert.Equal(
        ["wireguard-no-handshake", "wireguard-clock"],
        Examine(new InterfaceReport
        {
            Interface = "wg0",
            Up = true,
            Peers =
            [
                new() { PublicKey = "a", Endpoint = "192.0.2.1:1", TxBytes = 148 },
                new() { PublicKey = "b", LastHandshake = s_now.AddHours(1) },
                new() { PublicKey = "c", LastHandshake = s_now.AddMinutes(-1) },
            ],
        }).Select(finding => finding.Name));

    [Theory]
    [InlineData("10.0.0.7:51820", "wireguard-loop")]
    [InlineData("192.0.2.7:51820", "wireguard-no-handshake")]
    public void An_endpoint_that_is_routed_into_the_tunnel_itself_is_told(string endpoint, string name) => Assert.Equal(
        name,
        Assert.Single(Examine(new InterfaceReport
        {
            Interface = "wg0", Up = true, Peers = [new() { PublicKey = "a", Endpoint = endpoint, TxBytes = 148 }],
        })).Name);

    [Fact]
    public void One_that_does_not_answer_is_told() => Assert.Equal(
        "wireguard-silent", Assert.Single(Examine(new InterfaceAnswer("wg0", null, Silence.NoAnswer, null))).Name);

    private static IReadOnlyList<Finding> Examine(InterfaceReport report) =>
        Examine(new InterfaceAnswer(report.Interface, report, Silence.None, null));

    private static IReadOnlyList<Finding> Examine(InterfaceAnswer answer) =>
        [.. new WireGuardCheck().Examine(Bench.Machine(Bench.Tun(3, "wg0", "10.0.0.1/24")) with { WireGuard = new([answer], s_now) })];
}
