using System.Text.Json;
using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Linux;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests;

/// <summary>Descriptions in users' words, to the engine's parameters and back.</summary>
public sealed class TunnelSpecsTests : IDisposable
{
    private readonly FakeDevices _devices = new();

    public void Dispose() => _devices.Dispose();

    public static TheoryData<TunnelSpec> Whole =>
    [
        new TunnelSpec
        {
            Name = "t", Mode = "ipip", Remote = "192.0.2.1", Mark = 7,
            Encap = new() { Type = "fou", SourcePort = 1, DestinationPort = 2, Checksum = true },
        },
        new TunnelSpec
        {
            Name = "t", Mode = "gre", Remote = "192.0.2.1", Pmtudisc = false, IgnoreDf = true, Dev = "lo",
            Gre = new() { InputKey = 0, OutputKey = uint.MaxValue, InputChecksum = true, OutputSequence = true },
        },
        new TunnelSpec { Name = "t", Mode = "gretap", Gre = new() { OutputChecksum = true, InputSequence = true }, Local = "192.0.2.2" },
        new TunnelSpec
        {
            Name = "t", Mode = "sit", Local = "192.0.2.2", Ttl = 64,
            Sit = new() { Prefix = "2001:db8::/40", RelayPrefix = "10.0.0.0/8" },
        },
        new TunnelSpec { Name = "t", Mode = "isatap", Local = "192.0.2.2" },
        new TunnelSpec { Name = "t", Mode = "vti", Remote = "192.0.2.1", Gre = new() { InputKey = 1, OutputKey = 2 } },
        new TunnelSpec { Name = "t", Mode = "minimal", Remote = "192.0.2.1", Tos = 1 },
        new TunnelSpec
        {
            Name = "t", Mode = "ip6any", Remote = "2001:db8::1", Local = "2001:db8::2",
            IPv6 = new() { EncapLimit = null, FlowLabel = 0xFFFFF },
        },
        new TunnelSpec
        {
            Name = "t", Mode = "ip6gre", Remote = "2001:db8::1", Gre = new() { InputKey = 1 },
            IPv6 = new() { EncapLimit = 0, InheritFlowLabel = true, InheritTrafficClass = true, CopyDscp = true, AllowLocalRemote = true },
            Encap = new() { Type = "gue", RemoteChecksum = true, Checksum6 = false },
        },
        new TunnelSpec { Name = "t", Mode = "vti6", Remote = "2001:db8::1", Gre = new() { OutputKey = 2 } },
        new TunnelSpec
        {
            Name = "t", Mode = "vxlan", Remote = "2001:db8::1",
            Vxlan = new()
            {
                Id = 0xFFFFFF, Port = 4789, SourcePortMin = 5, SourcePortMax = 5, Learning = false, Ageing = 0, MaxAddresses = 9,
                NoChecksum6Rx = true,
            },
        },
        new TunnelSpec
        {
            Name = "t", Mode = "l2tp",
            L2tp = new()
            {
                TunnelId = 1, SessionId = 2, PeerSessionId = 3, Cookie = "00112233", PeerCookie = "0011223344556677",
                L2SpecificType = "none", Sequence = "recv",
            },
        },
    ];

    [Theory]
    [MemberData(nameof(Whole), DisableDiscoveryEnumeration = true)]
    public void Nothing_of_a_description_is_lost(TunnelSpec spec)
    {
        var parameters = TunnelSpecs.Parse("add tunnel", spec, _devices);
        Assert.Equal(JsonSerializer.Serialize(spec), JsonSerializer.Serialize(TunnelSpecs.Describe("t", parameters, spec.Dev)));
        var kept = new KeptTunnel(5, "t", parameters, Running: null);
        Assert.Equivalent(parameters, KeptTunnel.FromState(kept.ToState())!.Parameters, strict: true);
    }

    [Theory]
    [InlineData("""{"mode":"nosuch"}""", "unknown tunnel mode \"nosuch\"")]
    [InlineData("""{"mode":"gre","remote":"2001:db8::1"}""", "remote: an IPv4 address or \"any\" is expected rather than \"2001:db8::1\"")]
    [InlineData("""{"mode":"ip6gre","local":"192.0.2.1"}""", "local: an IPv6 address or \"any\" is expected rather than \"192.0.2.1\"")]
    [InlineData("""{"mode":"vxlan","remote":"x","vxlan":{}}""", "remote: an IP address or \"any\" is expected rather than \"x\"")]
    [InlineData("""{"mode":"vxlan","remote":"192.0.2.1","local":"2001:db8::1","vxlan":{}}""",
        "local and remote must be of one address family")]
    [InlineData("""{"mode":"ipip","gre":{"inputKey":1}}""", "keys are not allowed with ipip tunnels")]
    [InlineData("""{"mode":"sit","gre":{"outputKey":1}}""", "keys are not allowed with sit tunnels")]
    [InlineData("""{"mode":"gre","sit":{}}""", "sit: its members are not for gre")]
    [InlineData("""{"mode":"gre","ipv6":{}}""", "ipv6: its members are not for gre")]
    [InlineData("""{"mode":"gre","vxlan":{}}""", "vxlan: its members are not for gre")]
    [InlineData("""{"mode":"gre","l2tp":{}}""", "l2tp: its members are not for gre")]
    [InlineData("""{"mode":"vti","encap":{"type":"fou"}}""", "encap: foo over UDP is not for vti")]
    [InlineData("""{"mode":"gre","encap":{"type":"foo"}}""", "encap: \"fou\" or \"gue\" is expected rather than \"foo\"")]
    [InlineData("""{"mode":"ipip","ignoreDf":true,"pmtudisc":false}""", "ignoreDf is not for ipip")]
    [InlineData("""{"mode":"gre","ignoreDf":true}""", "ignoreDf and pmtudisc are incompatible")]
    [InlineData("""{"mode":"ip6ip6","ipv6":{"flowLabel":1048576}}""",
        "flowLabel: a number from 0 to 1048575 is expected rather than 1048576")]
    [InlineData("""{"mode":"vxlan"}""", "vxlan: a network needs its identifier")]
    [InlineData("""{"mode":"vxlan","vxlan":{"id":16777216}}""", "id: a number from 0 to 16777215 is expected rather than 16777216")]
    [InlineData("""{"mode":"vxlan","vxlan":{"port":0}}""", "port: a number from 1 to 65535")]
    [InlineData("""{"mode":"vxlan","vxlan":{"sourcePortMin":2,"sourcePortMax":1}}""", "source ports: 2 is more than 1")]
    [InlineData("""{"mode":"vxlan","vxlan":{"ageing":-1}}""", "ageing: a number from 0 up")]
    [InlineData("""{"mode":"l2tp"}""", "l2tp: a session needs its identifiers")]
    [InlineData("""{"mode":"l2tp","l2tp":{"tunnelId":1,"sessionId":0,"peerSessionId":1}}""", "l2tp: an identifier is a number from 1 up")]
    [InlineData("""{"mode":"l2tp","l2tp":{"tunnelId":1,"sessionId":1,"peerSessionId":1,"cookie":"001122"}}""",
        "cookie: 8 or 16 hexadecimal digits")]
    [InlineData("""{"mode":"l2tp","l2tp":{"tunnelId":1,"sessionId":1,"peerSessionId":1,"sequence":"x"}}""", "sequence: \"none\", \"send\"")]
    [InlineData("""{"mode":"l2tp","l2tp":{"tunnelId":1,"sessionId":1,"peerSessionId":1,"l2SpecificType":"x"}}""",
        "l2SpecificType: \"default\" or")]
    [InlineData("""{"mode":"sit","sit":{"prefix":"x"}}""", "6rd prefix: ADDRESS/LENGTH of IPv6 is expected rather than \"x\"")]
    [InlineData("""{"mode":"sit","sit":{"routers":[{"address":"any"}]}}""", "a potential router needs an address")]
    public void What_makes_no_sense_is_EINVAL_and_says_why(string json, string expected)
    {
        var spec = JsonSerializer.Deserialize(json, ApiJson.Default.TunnelSpec)!;
        var fault = Assert.Throws<LinuxException>(() => TunnelSpecs.Parse("add tunnel", spec, _devices));
        Assert.Equal(Errno.EINVAL, fault.Error);
        Assert.StartsWith(expected, fault.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void Where_there_is_no_gre_header_its_flags_mean_nothing() =>
        Assert.Equal(GreParameters.None,
            TunnelSpecs.Parse("add tunnel", new() { Mode = "ipip", Gre = new() { InputChecksum = true, OutputSequence = true } }, _devices)
                .Gre);

    [Fact]
    public void An_address_that_is_any_has_the_outer_family()
    {
        Assert.True(TunnelSpecs.Parse("add tunnel", new() { Mode = "ip6gre" }, _devices).Remote.IsIPv6);
        var vxlan = new TunnelSpec { Mode = "vxlan", Remote = "2001:db8::1", Vxlan = new() };
        Assert.True(TunnelSpecs.Parse("add tunnel", vxlan, _devices).Local.IsIPv6);
        Assert.False(TunnelSpecs.Parse("add tunnel", new() { Mode = "vxlan", Vxlan = new() }, _devices).Local.IsIPv6);
    }
}
