using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Client;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Tests;

public class ReportReaderTests
{
    [Fact]
    public void Whatever_the_daemon_writes_is_read_as_it_was() => Prop.ForAll(Tunnels.ToArbitrary(), tunnels =>
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(tunnels, ApiJson.Default.TunnelReportArray);
        var read = ReportReader.ReadList(json);
        var again = JsonSerializer.SerializeToUtf8Bytes([.. read], ApiJson.Default.TunnelReportArray);
        return again.AsSpan().SequenceEqual(json) && tunnels.All(IsReadAlone);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_missing_has_its_default()
    {
        var tunnel = ReportReader.Read("""{"spec":{"mode":"ipip","future":[1]},"counters":{}}"""u8.ToArray());
        Assert.Equal(new TunnelSpec { Mode = "ipip" }, tunnel.Spec);
        Assert.Equal((0, 0, false, 0L), (tunnel.Index, tunnel.Mtu, tunnel.Up, tunnel.Counters.TxBytes));
        Assert.Empty(tunnel.Counters.Drops);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("""{"spec":{"mode":"ipip"}}""")]
    [InlineData("""{"spec":{},"counters":{}}""")]
    [InlineData("""{"spec":[],"counters":{}}""")]
    [InlineData("""{"spec":{"mode":5},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"ipip","ttl":256},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"ipip","ttl":-1},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"ipip","pmtudisc":"yes"},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"ipip"},"index":3000000000,"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"ipip"},"counters":{"rxBytes":1.5}}""")]
    [InlineData("""{"spec":{"mode":"ipip"},"counters":{"drops":[]}}""")]
    [InlineData("""{"spec":{"mode":"\ud800"},"counters":{}}""")]
    public void What_is_no_tunnel_is_refused(string json)
    {
        Assert.ThrowsAny<JsonException>(() => ReportReader.Read(Encoding.UTF8.GetBytes(json)));
        Assert.ThrowsAny<JsonException>(() => ReportReader.ReadList(Encoding.UTF8.GetBytes($"[{json},1]")));
    }

    private static bool IsReadAlone(TunnelReport tunnel) =>
        ReportReader.Read(JsonSerializer.SerializeToUtf8Bytes(tunnel, ApiJson.Default.TunnelReport)).Spec == tunnel.Spec;

    private static Gen<TunnelReport[]> Tunnels =>
        (from name in ArbMap.Default.GeneratorFor<NonNull<string>>()
         from dev in Gen.Elements<string?>(null, "lo", "eth0")
         from remote in Gen.Elements("any", "192.0.2.1")
         from bytes in ArbMap.Default.GeneratorFor<byte>().ArrayOf(2)
         from flags in ArbMap.Default.GeneratorFor<bool>().ArrayOf(2)
         from numbers in ArbMap.Default.GeneratorFor<long>().Select(number => number & long.MaxValue).ArrayOf(7)
         select new TunnelReport(
             new() { Name = name.Get, Mode = "ipip", Remote = remote, Ttl = bytes[0], Tos = bytes[1], Pmtudisc = flags[0], Dev = dev },
             (int)(numbers[0] & int.MaxValue), 1480, flags[1],
             new(
                 numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5],
                 new Dictionary<string, long> { ["no-route"] = numbers[6] })))
        .ArrayOf();
}
