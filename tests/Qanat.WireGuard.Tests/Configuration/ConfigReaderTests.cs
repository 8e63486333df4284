using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Crypto;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class ConfigReaderTests
{
    private const string Secret = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=";
    private const string Ann = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
    private const string Bob = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";

    private const string Peer = $"[Peer]\nPublicKey = {Ann}";

    [Fact]
    public void Everything_that_a_file_can_say_is_read()
    {
        var config = Config($"""
            # Our end.
            [Interface]
            Address = 10.8.0.1/24, fd00:8::1/64
            Address = 10.9.0.1
            DNS = 10.8.0.53,corp.example   fd00::53
            MTU = 1380 # for the line at home
            Table = 0x51
            PreUp = echo "#" %i # the shell's own
            PostUp = first; second
            PostUp = third
            PreDown = fourth
            PostDown = fifth=sixth
            SaveConfig = TRUE
            ListenPort = 51820
            PrivateKey = {Secret}
            FwMark = 0xCA6C

            [Peer]
            PublicKey = {Ann}
            PresharedKey = {Bob}
            AllowedIPs = 10.8.0.2/32, 10.20.0.0/16
            AllowedIPs = fd00:8::2, 10.8.0.3
            Endpoint = vpn.example.com:51820
            PersistentKeepalive = 25
            """);
        Assert.Equal(["10.8.0.1/24", "fd00:8::1/64", "10.9.0.1"], config.Addresses.Select(address => $"{address}"));
        Assert.Equal(["10.8.0.53", "fd00::53"], config.DnsServers.Select(server => $"{server}"));
        Assert.Equal(["corp.example"], config.DnsSearch);
        Assert.Equal((1380, "0x51", true), (config.Mtu, config.Table.Written, config.SaveConfig));
        Assert.Equal(["echo \"#\" %i # the shell's own"], config.PreUp);
        Assert.Equal(["first; second", "third"], config.PostUp);
        Assert.Equal(["fourth"], config.PreDown);
        Assert.Equal(["fifth=sixth"], config.PostDown);
        Assert.Equal(Convert.FromBase64String(Secret), config.Change.PrivateKey!.Bytes);
        var device = config.Device;
        Assert.Equal((51820, 0xCA6Cu), (device.ListenPort, device.FirewallMark));
        var peer = device.Peers.Single();
        Assert.Equal((Ann, "vpn.example.com:51820", 25), ($"{peer.PublicKey}", $"{peer.Endpoint}", peer.PersistentKeepalive));
        Assert.Equal(Convert.FromBase64String(Bob), peer.PresharedKey!.Bytes);
        Assert.Equal(["10.8.0.2/32", "10.20.0.0/16", "fd00:8::2/128", "10.8.0.3/32"], peer.AllowedIps.Select(prefix => $"{prefix}"));
    }

    [Fact]
    public void Names_are_of_any_case_and_blanks_mean_nothing()
    {
        var config = Config($"\uFEFF[ interface ]\r\n\tprivatekey={Secret[..20]} {Secret[20..]}\r\nlisten port =\t5 1\r\n" +
            $"[PEER]\r\nPUBLICKEY={Ann}\r\nallowedips = 10.0.0.0 / 8 ,fd00::/8\r\n" +
            "persistentkeepalive=OFF\r\nendpoint = [fd00::1] : 5\r\n\r\n");
        Assert.Equal((51, "10.0.0.0/8", "[fd00::1]:5"),
            (config.Device.ListenPort, $"{config.Device.Peers[0].AllowedIps[0]}", $"{config.Device.Peers[0].Endpoint}"));
        Assert.Equal(Convert.FromBase64String(Secret), config.Change.PrivateKey!.Bytes);
    }

    [Fact]
    public void What_is_not_said_is_left_as_it_is()
    {
        var change = Config("[Interface]\n").Change;
        Assert.Equal((null, null, null), (change.PrivateKey, change.ListenPort, change.FirewallMark));
        Assert.Equal((false, 0), (change.ReplacePeers, change.Peers.Count));
        var peer = Config($"[Peer]\nPublicKey = {Ann}\n").Change.Peers.Single();
        Assert.Equal((null, null, null, true), (peer.PresharedKey, peer.Endpoint, peer.PersistentKeepalive, peer.ReplaceAllowedIps));
        Assert.True(Config("").Table.IsAuto);
    }

    [Theory]
    [InlineData("10.0.0.0/8", true, "10.0.0.0/8")]
    [InlineData("", true, "")]
    [InlineData("+10.0.0.0/8", false, "10.0.0.0/8")]
    [InlineData("-10.0.0.0/8, + fd00::/8", false, "-10.0.0.0/8 fd00::/8")]
    [InlineData("10.0.0.0/8, -10.1.0.0/16", false, "10.0.0.0/8 -10.1.0.0/16")]
    [InlineData("0.0.0.0/0,::/0", true, "0.0.0.0/0 ::/0")]
    public void Allowed_IPs_are_a_list_or_changes_of_one(string text, bool replace, string expected)
    {
        var peer = Config($"[Peer]\nPublicKey = {Ann}\nAllowedIPs = {text}\n").Change.Peers.Single();
        Assert.Equal((replace, expected), (peer.ReplaceAllowedIps, string.Join(' ', peer.AllowedIps)));
    }

    [Theory]
    [InlineData("off", 0)]
    [InlineData("OFF", 0)]
    [InlineData("0", 0)]
    [InlineData("51820", 51820)]
    [InlineData("0x1f", 31)]
    [InlineData("4294967295", uint.MaxValue)]
    [InlineData("0xffffffff", uint.MaxValue)]
    public void Marks_are_read_as_wg_reads_them(string text, uint mark) =>
        Assert.Equal(mark, Config($"[Interface]\nFwMark = {text}\n").Change.FirewallMark!.Value);

    [Theory]
    [InlineData("192.0.2.1:51820", "192.0.2.1", "51820")]
    [InlineData("[2001:db8::1]:1", "2001:db8::1", "1")]
    [InlineData("[fe80::1%eth0]:1", "fe80::1%eth0", "1")]
    [InlineData("2001:db8::1:51820", "2001:db8::1", "51820")]
    [InlineData("vpn:domain", "vpn", "domain")]
    [InlineData("my_vpn.example.:65535", "my_vpn.example.", "65535")]
    public void Endpoints_are_addresses_and_names(string text, string host, string service)
    {
        var endpoint = Config($"[Peer]\nPublicKey = {Ann}\nEndpoint = {text}\n").Device.Peers.Single().Endpoint!;
        Assert.Equal((host, service), (endpoint.Host, endpoint.Service));
    }

    [Theory]
    [InlineData(Peer + "\nFoo = 1",
        "3:1: [Peer] has no \"Foo\"; it has PublicKey, PresharedKey, AllowedIPs, Endpoint, PersistentKeepalive")]
    [InlineData("[Interface]\n  PublicKey = 1",
        "2:3: PublicKey belongs to [Peer], and this is [Interface]; move the line")]
    [InlineData("[Interface]\nListenPort = 65536",
        "2:14: ListenPort: a number from 0 to 65535 is expected rather than \"65536\"")]
    [InlineData("[Interface]\nListenPort =", "2:13: ListenPort: a number from 0 to 65535 is expected here")]
    [InlineData("[Interface]\nFwMark = 0x",
        "2:10: FwMark: a number from 0 to 0xffffffff, or off, is expected rather than \"0x\"")]
    [InlineData("[Interface]\nFwMark = 0x1ffffffff",
        "2:10: FwMark: a number from 0 to 0xffffffff, or off, is expected rather than \"0x1ffffffff\"")]
    [InlineData("[Interface]\nAddress = 10.0.0.1/24, 10.0.0.300/24",
        "2:24: Address: an address such as 10.8.0.1/24 or fd00:8::1/64 is expected rather than \"10.0.0.300/24\"")]
    [InlineData("[Interface]\nAddress = 10.0.0.1/33",
        "2:11: Address: an address such as 10.8.0.1/24 or fd00:8::1/64 is expected rather than \"10.0.0.1/33\"")]
    [InlineData("[Interface]\nDNS = 10.0.0",
        "2:7: DNS: the address of a name server, or a domain to search, is expected rather than \"10.0.0\"")]
    [InlineData("[Interface]\nMTU = 67", "2:7: MTU: a number of bytes from 68 to 65535 is expected rather than \"67\"")]
    [InlineData("[Interface]\nTable = Off",
        "2:9: Table: off, auto, or the number or the name of a routing table, is expected rather than \"Off\"")]
    [InlineData("[Interface]\nTable = 089",
        "2:9: Table: off, auto, or the number or the name of a routing table, is expected rather than \"089\"")]
    [InlineData("[Interface]\nTable = a b",
        "2:9: Table: off, auto, or the number or the name of a routing table, is expected rather than \"a b\"")]
    [InlineData("[Interface]\nSaveConfig = yes", "2:14: SaveConfig: true or false is expected rather than \"yes\"")]
    [InlineData("[Interface]\nPrivateKey = yAnz",
        "2:14: PrivateKey: a key has 44 characters of base64, and this has 4; copy it again, whole")]
    [InlineData("[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBml=",
        "2:14: PrivateKey: this is no key in base64; copy it again, whole")]
    [InlineData("[Interface]\nListenPort 5", "2:1: KEY = VALUE is expected rather than \"ListenPort 5\"")]
    [InlineData("[Interface]\nyAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk",
        "2:1: KEY = VALUE is expected rather than this")]
    [InlineData("ListenPort = 5", "1:1: this is before the first section; begin with a line [Interface]")]
    [InlineData("[Server]\nPort = 5", "1:1: [Interface] or [Peer] is expected rather than \"[Server]\"")]
    [InlineData("[Peer] # Ann\nAllowedIPs = 10.0.0.0/8",
        "1:1: this peer has no PublicKey, by which it is known; add the line")]
    [InlineData("[Peer]\nPublicKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "2:13: PublicKey: this key is all zeros, and nobody's; put the peer's own here (wg pubkey)")]
    [InlineData(Peer + "\nAllowedIPs = 10.0.0.0/8,",
        "3:25: AllowedIPs: a network such as 10.8.0.0/24 or fd00:8::/64 is expected here")]
    [InlineData(Peer + "\nAllowedIPs = fd00::/129",
        "3:14: AllowedIPs: a network such as 10.8.0.0/24 or fd00:8::/64 is expected rather than \"fd00::/129\"")]
    [InlineData(Peer + "\nAllowedIPs = 010.0.0.0/8",
        "3:14: AllowedIPs: a network such as 10.8.0.0/24 or fd00:8::/64 is expected rather than \"010.0.0.0/8\"")]
    [InlineData(Peer + "\nPersistentKeepalive = 65536",
        "3:23: PersistentKeepalive: a number of seconds from 1 to 65535, or off, is expected rather than \"65536\"")]
    [InlineData(Peer + "\nEndpoint = vpn.example.com",
        "3:12: Endpoint: host:port or [address]:port, with a port, is expected rather than \"vpn.example.com\"")]
    [InlineData(Peer + "\nEndpoint = vpn:",
        "3:12: Endpoint: host:port or [address]:port, with a port, is expected rather than \"vpn:\"")]
    [InlineData(Peer + "\nEndpoint = [::1:5",
        "3:12: Endpoint: host:port or [address]:port, with both brackets, is expected rather than \"[::1:5\"")]
    [InlineData(Peer + "\nEndpoint = 2001:db8::1",
        "3:12: Endpoint: an IPv6 address in brackets, and a port behind it: [2001:db8::1]:51820, is expected rather than \"2001:db8::1\"")]
    [InlineData(Peer + "\nEndpoint = 192.0.2.256:5",
        "3:12: Endpoint: the name or the address of a host, before the port, is expected rather than \"192.0.2.256:5\"")]
    [InlineData(Peer + "\nEndpoint = vpn:0",
        "3:12: Endpoint: a port from 1 to 65535, or the name of a service, behind the host is expected rather than \"vpn:0\"")]
    [InlineData("[Interface]\nPostUp = \0", "2:10: this command is not text in UTF-8")]
    [InlineData("[Interface]\nDNS = ü, 1.2.3",
        "2:10: DNS: the address of a name server, or a domain to search, is expected rather than \"1.2.3\"")]
    public void Each_mistake_has_its_place_and_says_what_to_do(string text, string expected)
    {
        var reading = Texts.Read(text);
        Assert.Null(reading.Config);
        Assert.Equal([$"wg0.conf:{expected}"], reading.Mistakes.Select(mistake => mistake.At("wg0.conf")));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_the_file()
    {
        var reading = Texts.Read("[Peer]\nFoo = 1\nEndpoint = x\n[Interface]\nMTU = x\n");
        Assert.Equal([1, 2, 3, 5], reading.Mistakes.Select(mistake => mistake.Line));
        Assert.Equal(0, reading.MoreMistakes);
    }

    [Fact]
    public void Of_many_mistakes_the_first_ten_are_told_and_the_rest_counted()
    {
        var reading = Texts.Read("[Interface]\n" + string.Concat(Enumerable.Repeat("MTU = x\n", 25)));
        Assert.Equal((ConfigReading.MostMistakes, 15), (reading.Mistakes.Count, reading.MoreMistakes));
        Assert.Equal(2, reading.Mistakes[0].Line);
    }

    [Fact]
    public void What_is_hardly_meant_is_warned_of()
    {
        var reading = Texts.Read($"""
            [Interface]
            MTU = 1400
            MTU = 1300
            [Peer]
            PublicKey = {Ann}
            AllowedIPs = 10.0.0.1/8
            PublicKey = {Bob}
            [Peer]
            PublicKey = {Ann}
            AllowedIPs = 10.0.0.0/8
            [Peer]
            PublicKey = {Bob}
            """);
        Assert.NotNull(reading.Config);
        Assert.Equal(
        [
            "f:1:1: [Interface] has no PrivateKey, so that no peer can be talked to; add the line (wg genkey), or set it by PostUp",
            "f:3:1: MTU again: that of line 2 no longer counts",
            "f:6:14: AllowedIPs: \"10.0.0.1/8\" has bits behind its length, and means 10.0.0.0/8",
            "f:7:1: PublicKey again: that of line 5 no longer counts; is a line [Peer] missing before this one?",
            "f:10:14: AllowedIPs: 10.0.0.0/8 is taken from the peer of line 4; one peer alone has it",
            "f:11:1: this is the peer of line 4 again, whose AllowedIPs there no longer count",
        ], reading.Warnings.Select(warning => warning.At("f")));
    }

    [Theory]
    [InlineData("office", null)]
    [InlineData("2go", null)]
    [InlineData("0123", null)]
    [InlineData("off", null)]
    [InlineData("home\nTable = office", null)]
    [InlineData("home\nPreUp = echo 7 home >>/etc/iproute2/rt_tables", null)]
    [InlineData("home", "2:9: Table: there is no routing table \"home\"; name it in /etc/iproute2/rt_tables, or give its number")]
    public void A_table_that_nobody_knows_is_a_mistake_unless_a_hook_may_name_it(string table, string? mistake)
    {
        var text = $"[Interface]\nTable = {table}\nPrivateKey = {Secret}\n";
        var reading = ConfigReader.Read(Encoding.UTF8.GetBytes(text), static name => name is "office" or "2go");
        Assert.Equal(mistake is null ? [] : [$"f:{mistake}"], reading.Mistakes.Select(remark => remark.At("f")));
    }

    [Fact]
    public void A_private_key_that_is_none_is_wrong_but_not_missing()
    {
        var reading = Texts.Read("[Interface]\nPrivateKey = yAnz\n");
        Assert.Single(reading.Mistakes);
        Assert.Empty(reading.Warnings);
    }

    [Fact]
    public void What_cannot_work_is_warned_of_but_a_key_may_come_from_a_hook()
    {
        Assert.Equal(
            "f:4:7: MTU: IPv6 needs 1280 bytes; with less the kernel takes the IPv6 addresses away",
            Assert.Single(
                Texts.Read($"[Interface]\nPrivateKey = {Secret}\nAddress = 10.0.0.1/24, fd00::1/64\nMTU = 1000\n").Warnings).At("f"));
        Assert.Empty(Texts.Read($"[Interface]\nPrivateKey = {Secret}\nAddress = 10.0.0.1/24\nMTU = 1000\n").Warnings);
        Assert.Empty(Texts.Read("[Interface]\nPostUp = wg set %i private-key /etc/wireguard/key\n").Warnings);
    }

    [Fact]
    public void A_peer_that_has_the_interfaces_own_key_is_warned_of()
    {
        Assert.True(KeyText.TryReadBase64(Encoding.ASCII.GetBytes(Secret), out SecretKey? key));
        using (key)
            Assert.Equal(
                "f:5:1: this peer has the interface's own key, and is left out; PublicKey is that of the other end",
                Assert.Single(Texts.Read($"[Peer]\nPublicKey = {Ann}\n[Interface]\nPrivateKey = {Secret}\n" +
                    $"[Peer]\nPublicKey = {WireGuardKeys.PublicOf(key)}\n").Warnings).At("f"));
    }

    [Fact]
    public void Keys_are_shown_nowhere()
    {
        var reading = Texts.Read(
            $"[Interface]\nPrivateKey = {Secret}A\n{Secret}\nPrivatKey {Secret}\n[Peer]\nPresharedKey = {Secret[1..]}\n");
        Assert.Equal(5, reading.Mistakes.Count);
        Assert.All(reading.Mistakes, mistake => Assert.DoesNotContain(Secret[5..20], mistake.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_far_too_large_is_refused() =>
        Assert.StartsWith("big:1:1: ", Assert.Single(ConfigReader.Read(new byte[ConfigReader.MaxSize + 1]).Mistakes).At("big"));

    [Fact]
    public void A_list_of_very_many_is_read_as_any_other()
    {
        var list = string.Join(',', Enumerable.Range(0, 500_000).Select(number => $"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"));
        Assert.Equal(500_000, Config($"{Peer}\nAllowedIPs = {list}").Device.Peers.Single().AllowedIps.Count);
        Assert.Equal(500_001 - ConfigReading.MostMistakes, Texts.Read($"{Peer}\nAllowedIPs = {new string(',', 500_000)}").MoreMistakes);
    }

    [Fact]
    public void Any_bytes_are_read_without_a_fault_whole_or_not_at_all() => Prop.ForAll(Noise.ToArbitrary(), bytes =>
    {
        var reading = ConfigReader.Read(bytes);
        return reading.Config is null == reading.Mistakes.Count > 0 &&
            reading.Mistakes.All(mistake => mistake is { Line: > 0, Column: > 0 } && mistake.Text.All(c => !char.IsControl(c)));
    }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void What_is_written_is_read_as_it_was() => Prop.ForAll(Texts.Devices.ToArbitrary(), device =>
    {
        var text = Texts.Show(device);
        return Texts.Show(Config(text).Device) == text;
    }).QuickCheckThrowOnFailure();

    // Lines of every kind, with something changed in them.
    private static Gen<byte[]> Noise =>
        from lines in Gen.Elements(
            "[Interface]", $"PrivateKey = {Secret}", "MTU = 1420", "Address = 10.0.0.1/24, fd00::1", "DNS = 1.1.1.1, example.com",
            "Table=off", "FwMark = 0x10", "ListenPort = 5", "SaveConfig = true", "PostUp = echo %i # x", "# ü",
            "[Peer]", $"PublicKey = {Ann}", $"PresharedKey={Bob}", "AllowedIPs = 10.0.0.0/8, +fd00::/8", "Endpoint = [fd00::1]:5",
            "PersistentKeepalive = off").ListOf()
        from at in Gen.Choose(0, int.MaxValue)
        from count in Gen.Choose(0, 3)
        from bytes in Gen.OneOf(
            Gen.Elements("=", "\n", "[", ",", ":", "#").Select(Encoding.ASCII.GetBytes), ArbMap.Default.GeneratorFor<byte[]>())
        let text = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n")
        let place = at % text.Length
        select (byte[])[.. text[..place], .. bytes, .. text[Math.Min(place + count, text.Length)..]];

    private static WgQuickConfig Config(string text)
    {
        var reading = Texts.Read(text);
        Assert.Empty(reading.Mistakes);
        return reading.Config!;
    }
}
