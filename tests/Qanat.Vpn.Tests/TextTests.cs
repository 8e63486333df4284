namespace Qanat.Vpn.Tests;

public class TextTests
{
    [Theory]
    [InlineData("vpn.example.com:51820", "vpn.example.com:51820")]
    [InlineData("192.0.2.1:443", "192.0.2.1:443")]
    [InlineData("[2001:db8::1]:51820", "[2001:db8::1]:51820")]
    [InlineData("hub:01", "hub:1")]
    [InlineData("3com.example:1", "3com.example:1")]
    public void An_endpoint_is_a_host_and_a_port(string text, string meant) => Assert.Equal(meant, VpnText.Endpoint(text).ToString());

    [Theory]
    [InlineData("", "no port")]
    [InlineData("vpn.example.com", "no port")]
    [InlineData("[2001:db8::1]", "no port")]
    [InlineData("2001:db8::1", "no port")]
    [InlineData("vpn.example.com:", "\"\" is no port")]
    [InlineData("vpn.example.com:0", "no port from 1 to 65535")]
    [InlineData("vpn.example.com:65536", "no port from 1 to 65535")]
    [InlineData("vpn.example.com:wg", "no port from 1 to 65535")]
    [InlineData(":51820", "neither a host's name")]
    [InlineData("192.0.2:51820", "neither a host's name")]
    [InlineData("256.0.2.1:51820", "neither a host's name")]
    [InlineData("a b:51820", "neither a host's name")]
    [InlineData("-x.example:51820", "neither a host's name")]
    [InlineData("0.0.0.0:51820", "nobody can be sent to")]
    [InlineData("[::]:51820", "nobody can be sent to")]
    [InlineData("x\n[Peer]:51820", "neither a host's name")]
    public void Other_text_is_no_endpoint(string text, string why) => Refused(() => VpnText.Endpoint(text), why);

    [Theory]
    [InlineData("10.8.0.0/24")]
    [InlineData("10.8.0.0/24,fd00:8::/64")]
    [InlineData("fd00:8::/64,10.8.0.0/30")]
    [InlineData("10.0.0.0/8")]
    [InlineData("fd00:8::/126")]
    public void A_network_has_a_subnet_or_two(string text) => Assert.Equal(text, string.Join(',', VpnText.Subnets(text)));

    [Theory]
    [InlineData("", "no network")]
    [InlineData("10.8.0.0/24,", "no network")]
    [InlineData("10.8.0.0/33", "no network")]
    [InlineData("10.8.0/24", "no network")]
    [InlineData("10.8.0.1/24", "has bits behind its length; say 10.8.0.0/24")]
    [InlineData("10.8.0.0/31", "too small")]
    [InlineData("10.8.0.0", "too small")]
    [InlineData("fd00::/127", "too small")]
    [InlineData("0.0.0.0/0", "too large")]
    [InlineData("10.0.0.0/7", "too large")]
    [InlineData("::/0", "too large")]
    [InlineData("127.0.0.0/24", "hosts cannot have addresses")]
    [InlineData("224.0.0.0/24", "hosts cannot have addresses")]
    [InlineData("fe80::/64", "hosts cannot have addresses")]
    [InlineData("ff02::/64", "hosts cannot have addresses")]
    [InlineData("10.8.0.0/24,10.9.0.0/24", "one of each")]
    [InlineData("10.8.0.0/24,10.8.0.0/24", "named twice")]
    public void Other_text_is_no_subnet(string text, string why) => Refused(() => VpnText.Subnets(text), why);

    [Theory]
    [InlineData("peers")]
    [InlineData("internet")]
    [InlineData("intranet=192.168.0.0/16,fd00:1::/64,10.0.0.1/32")]
    public void Access_keeps_its_words(string text) => Assert.Equal(text, VpnAccess.Parse(text).ToString());

    [Theory]
    [InlineData("", "none of peers")]
    [InlineData("intranet", "none of peers")]
    [InlineData("Internet", "none of peers")]
    [InlineData("intranet=", "no network")]
    [InlineData("intranet=10.0.0.1/8", "bits behind its length")]
    public void Other_text_is_no_access(string text, string why) => Refused(() => VpnAccess.Parse(text), why);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("näme")]
    [InlineData("a\n")]
    [InlineData("<x>")]
    public void Names_are_harmless_as_files_and_on_terminals(string name)
    {
        Refused(() => VpnText.NetworkName(name), "no name for a network");
        Refused(() => VpnText.PeerName(name), "no name for a peer");
    }

    [Fact]
    public void Names_have_their_lengths()
    {
        Assert.Equal(15, VpnText.NetworkName(new('x', 15)).Length);
        Refused(() => VpnText.NetworkName(new('x', 16)), "1 to 15");
        Assert.Equal("anna@example.com", VpnText.PeerName("anna@example.com"));
        Assert.Equal(63, VpnText.PeerName(new('x', 63)).Length);
        Refused(() => VpnText.PeerName(new('x', 64)), "1 to 63");
    }

    [Theory]
    [InlineData("575")]
    [InlineData("65456")]
    [InlineData("-1")]
    [InlineData("big")]
    public void An_mtu_is_a_number_of_bytes(string text) => Refused(() => VpnText.Mtu(text), "no number of bytes");

    [Fact]
    public void Dns_is_servers_and_domains()
    {
        var (servers, search) = VpnText.Dns("10.8.0.1, fd00::53,corp.example");
        Assert.Equal(["10.8.0.1", "fd00::53"], servers.Select(server => server.ToString()));
        Assert.Equal(["corp.example"], search);
        Refused(() => VpnText.Dns("10.8.0"), "neither a name server");
        Refused(() => VpnText.Dns("a b"), "neither a name server");
        Refused(() => VpnText.Dns("10.8.0.1,"), "neither a name server");
    }

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("24h", 86_400)]
    [InlineData("30d", 2_592_000)]
    [InlineData("2w", 1_209_600)]
    [InlineData("0s", 0)]
    public void A_time_span_has_a_unit(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), VpnTime.Span("grace", text));

    [Theory]
    [InlineData("", "no time")]
    [InlineData("30", "no time")]
    [InlineData("d", "no time")]
    [InlineData("-1d", "no time")]
    [InlineData("1.5h", "no time")]
    [InlineData("1y", "no time")]
    [InlineData("99999999999999999999s", "no time")]
    [InlineData("4294967295d", "hundred years")]
    [InlineData("4294967295w", "hundred years")]
    [InlineData("4294967295h", "hundred years")]
    public void Other_text_is_no_time_span(string text, string why) => Refused(() => VpnTime.Span("grace", text), why);

    [Theory]
    [InlineData("30d", "2026-01-31T12:00:00Z")]
    [InlineData("2030-12-31", "2030-12-31T00:00:00Z")]
    [InlineData("2030-12-31T18:30Z", "2030-12-31T18:30:00Z")]
    [InlineData("2030-12-31T18:30:15+02:00", "2030-12-31T16:30:15Z")]
    public void A_moment_is_a_span_from_now_or_a_date(string text, string moment) =>
        Assert.Equal(DateTimeOffset.Parse(moment, null), VpnTime.Moment("expires", text, Some.Now));

    [Theory]
    [InlineData("2026-01-01", "over already")]
    [InlineData("0d", "over already")]
    [InlineData("2030-13-01", "no time")]
    [InlineData("soon", "no time")]
    [InlineData("9999-12-31", "hundred years")]
    [InlineData("4294967295d", "hundred years")]
    public void Other_text_is_no_moment_to_come(string text, string why) => Refused(() => VpnTime.Moment("expires", text, Some.Now), why);

    private static void Refused(Func<object> read, string why)
    {
        var message = Assert.Throws<VpnException>(() => { read(); }).Message;
        Assert.Contains(why, message);
        Assert.DoesNotContain('\n', message);
    }
}
