using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Client;
using Qanat.Cli.Tests.Support;
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
    [InlineData("""{"spec":{"mode":"gre","gre":[]},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"gre","gre":{"inputKey":4294967296}},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"isatap","sit":{"routers":{}}},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"isatap","sit":{"routers":[7]}},"counters":{}}""")]
    [InlineData("""{"spec":{"mode":"gre","encap":{}},"counters":{}}""")]
    public void What_is_no_tunnel_is_refused(string json)
    {
        Assert.ThrowsAny<JsonException>(() => ReportReader.Read(Encoding.UTF8.GetBytes(json)));
        Assert.ThrowsAny<JsonException>(() => ReportReader.ReadList(Encoding.UTF8.GetBytes($"[{json},1]")));
    }

    private static bool IsReadAlone(TunnelReport tunnel)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(tunnel, ApiJson.Default.TunnelReport);
        return JsonSerializer.SerializeToUtf8Bytes(ReportReader.Read(json), ApiJson.Default.TunnelReport).AsSpan().SequenceEqual(json);
    }

    private static Gen<TunnelReport[]> Tunnels =>
        (from spec in TunnelSpecs.Any
         from up in TunnelSpecs.Of<bool>()
         from numbers in TunnelSpecs.Of<long>().Select(number => number & long.MaxValue).ArrayOf(8)
         select new TunnelReport(
             spec, (int)(numbers[0] & int.MaxValue), 1480, up,
             new(
                 numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6],
                 new Dictionary<string, long> { ["no-route"] = numbers[7] })))
        .ArrayOf();
}
