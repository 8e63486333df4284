using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class UapiReaderTests
{
    private const string Ann = "b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33";
    private const string Bob = "58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376";
    private const string Secret = "e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a";

    [Fact]
    public void Everything_that_set_can_say_is_read()
    {
        var change = Change($"""
            private_key={Secret}
            listen_port=12912
            fwmark=4294967295
            replace_peers=true
            public_key={Ann}
            update_only=true
            preshared_key={Secret}
            endpoint=[abcd:23::33%2]:51820
            persistent_keepalive_interval=65535
            replace_allowed_ips=true
            allowed_ip=192.168.4.4/32
            allowed_ip=-fd00::/8
            protocol_version=1
            public_key={Bob}
            remove=true

            """);
        Assert.Equal((12912, uint.MaxValue, true), (change.ListenPort!.Value, change.FirewallMark!.Value, change.ReplacePeers));
        Assert.Equal(0x40, change.PrivateKey!.Bytes[31] & 0xC0); // Clamped, as every program has it.
        var (ann, bob) = (change.Peers[0], change.Peers[1]);
        Assert.Equal((true, true, false, 65535), (ann.UpdateOnly, ann.ReplaceAllowedIps, ann.Remove, ann.PersistentKeepalive!.Value));
        Assert.Equal("[abcd:23::33%2]:51820", ann.Endpoint!.ToString());
        Assert.Equal(Convert.FromHexString(Secret), ann.PresharedKey!.Bytes);
        Assert.Equal(["192.168.4.4/32", "-fd00::/8"], ann.AllowedIps.Select(prefix => prefix.ToString()));
        Assert.Equal((true, null, null), (bob.Remove, bob.PresharedKey, bob.Endpoint));
    }

    [Fact]
    public void What_is_replaced_is_what_was_said_before()
    {
        var change = Change($"public_key={Ann}\nallowed_ip=10.1.0.0/16\nreplace_allowed_ips=true\nallowed_ip=10.2.0.0/16\n");
        Assert.Equal("10.2.0.0/16", $"{change.Peers.Single().AllowedIps.Single()}");
    }

    [Theory] // What wireguard-go answers; it alone takes a key of zeros for somebody's.
    [InlineData("listen_port", UapiErrors.Protocol)]
    [InlineData("listen_port 5", UapiErrors.Protocol)]
    [InlineData("listen_port=", UapiErrors.Invalid)]
    [InlineData("listen_port=65536", UapiErrors.Invalid)]
    [InlineData("listen_port=-1", UapiErrors.Invalid)]
    [InlineData("listen_port=+1", UapiErrors.Invalid)]
    [InlineData("listen_port= 1", UapiErrors.Invalid)]
    [InlineData("listen_port=0x10", UapiErrors.Invalid)]
    [InlineData("LISTEN_PORT=1", UapiErrors.Invalid)]
    [InlineData("fwmark=4294967296", UapiErrors.Invalid)]
    [InlineData("fwmark=off", UapiErrors.Invalid)]
    [InlineData("private_key=", UapiErrors.Invalid)]
    [InlineData("private_key=" + Secret + "00", UapiErrors.Invalid)]
    [InlineData("private_key=xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", UapiErrors.Invalid)]
    [InlineData("replace_peers=false", UapiErrors.Invalid)]
    [InlineData("replace_peers=", UapiErrors.Invalid)]
    [InlineData("=", UapiErrors.Invalid)]
    [InlineData("endpoint=127.0.0.1:5", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "x", UapiErrors.Invalid)]
    [InlineData("public_key=0000000000000000000000000000000000000000000000000000000000000000", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nlisten_port=5", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nupdate_only=1", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nremove=True", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\npreshared_key=" + Secret + "\npreshared_key=1", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nendpoint=example.com:5", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nendpoint=127.0.0.1", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nendpoint=127.0.0.1:65536", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nendpoint=127.0.0.01:5", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nendpoint=[127.0.0.1]:5", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nendpoint=::1:5", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nendpoint=[::1:5", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\npersistent_keepalive_interval=65536", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\npersistent_keepalive_interval=off", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nreplace_allowed_ips=yes", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=10.0.0.1", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=10.0.0.1/33", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=10.0.0.1/08", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=10.0.0.1/", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=+10.0.0.0/8", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=--10.0.0.0/8", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=::1%lo/128", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nallowed_ip=fd00::/129", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nprotocol_version=2", UapiErrors.Invalid)]
    [InlineData("public_key=" + Ann + "\nrx_bytes=2", UapiErrors.Invalid)]
    public void A_mistake_is_told_at_once_and_the_rest_passed_over(string lines, int error)
    {
        using var reader = new UapiReader();
        var said = All(reader, $"set=1\nfwmark=1\n{lines}\n");
        Assert.Equal(error, Assert.IsType<UapiOperation.Refuse>(Assert.Single(said)).Error);
        // The connection lives on after the blank line.
        Assert.Equal([new UapiOperation.Query()], All(reader, "public_key=1\nnonsense\n\nget=1\n\n"));
    }

    [Fact]
    public void A_refusal_shows_no_key()
    {
        using var reader = new UapiReader();
        var refusal = (UapiOperation.Refuse)All(reader, $"set=1\nprivate_key={Secret}f\n").Single();
        Assert.DoesNotContain(Secret[..8], refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello\n")]
    [InlineData("\n")]
    [InlineData("get=2\n\n")]
    [InlineData("get=1\r\n\r\n")]
    [InlineData(" set=1\n\n")]
    public void Another_language_ends_the_connection(string text)
    {
        using var reader = new UapiReader();
        Assert.Equal([new UapiOperation.HangUp()], All(reader, $"{text}get=1\n\n"));
    }

    [Fact]
    public void Get_is_followed_by_a_blank_line()
    {
        using var reader = new UapiReader();
        Assert.Equal(UapiErrors.Invalid, ((UapiOperation.Refuse)All(reader, "get=1\nx\n").Single()).Error);
    }

    [Fact]
    public void Qanat_has_questions_of_its_own()
    {
        using var reader = new UapiReader();
        Assert.Equal([new UapiOperation.Report(), new UapiOperation.Query(), new UapiOperation.Listen()],
            All(reader, "qanat_report=1\n\nget=1\n\nqanat_events=1\n\n", size: 1));
        Assert.Equal(UapiErrors.Invalid, ((UapiOperation.Refuse)All(reader, "qanat_report=1\nx\n").Single()).Error);
    }

    [Fact]
    public void Operations_follow_each_other_on_a_connection()
    {
        using var reader = new UapiReader();
        var said = All(reader, "get=1\n\nset=1\nlisten_port=1\n\nset=1\nlisten_port=2\n\nget=1\n\n");
        Assert.Equal([typeof(UapiOperation.Query), typeof(UapiOperation.Apply), typeof(UapiOperation.Apply), typeof(UapiOperation.Query)],
            said.Select(operation => operation.GetType()));
        Assert.Equal(2, ((UapiOperation.Apply)said[2]).Change.ListenPort!.Value);
    }

    [Fact]
    public void A_change_may_end_with_the_connection_but_not_within_a_line()
    {
        using (var whole = new UapiReader())
        {
            Assert.Empty(All(whole, "set=1\nlisten_port=51820\n"));
            Assert.Equal(51820, ((UapiOperation.Apply)whole.Complete()!).Change.ListenPort!.Value);
        }
        using var cut = new UapiReader();
        Assert.Empty(All(cut, "set=1\nlisten_port=51"));
        Assert.Equal(UapiErrors.Protocol, ((UapiOperation.Refuse)cut.Complete()!).Error);
        Assert.Null(cut.Complete());
    }

    [Theory]
    [InlineData(1000, "a", UapiErrors.Protocol)]
    [InlineData(1000, "=", UapiErrors.Invalid)]
    [InlineData(70_000, "=", UapiErrors.Io)]
    [InlineData(10_000_000, "a", UapiErrors.Io)]
    public void Long_lines_are_refused_and_not_kept(int length, string character, int error)
    {
        using var reader = new UapiReader();
        var said = All(reader, $"set=1\n{string.Concat(Enumerable.Repeat(character, length))}\n\nget=1\n\n");
        Assert.Equal(error, ((UapiOperation.Refuse)said[0]).Error);
        Assert.Equal([new UapiOperation.Query()], said[1..]);
    }

    [Fact]
    public void Lines_of_a_change_may_end_as_on_Windows()
    {
        using var reader = new UapiReader();
        var said = All(reader, "set=1\nlisten_port=5\r\n\r\nset=1\nlisten_port\r\n\r\nget=1\n\n");
        Assert.Equal(5, ((UapiOperation.Apply)said[0]).Change.ListenPort!.Value);
        Assert.Equal((UapiErrors.Protocol, new UapiOperation.Query()), (((UapiOperation.Refuse)said[1]).Error, said[2]));
    }

    [Fact]
    public void A_flood_of_peers_is_refused()
    {
        using var reader = new UapiReader();
        var flood = new StringBuilder("set=1\n");
        for (var i = 0; i < 65_537; i++)
            flood.Append($"public_key={Ann}\n");
        Assert.Equal(UapiErrors.Invalid, ((UapiOperation.Refuse)All(reader, flood.ToString()).Single()).Error);
    }

    [Fact]
    public void What_is_written_is_read_as_it_was_however_it_is_cut() =>
        Prop.ForAll(Texts.Changes.ListOf().ToArbitrary(), Gen.Choose(1, 70).ToArbitrary(), (changes, size) =>
        {
            using var reader = new UapiReader();
            var text = string.Concat(changes.Select(Texts.Set));
            return string.Concat(All(reader, text, size).Select(operation => Texts.Set(((UapiOperation.Apply)operation).Change))) == text;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_bytes_are_read_without_a_fault_and_however_they_are_cut_alike() =>
        Prop.ForAll(Noise.ToArbitrary(), Gen.Choose(1, 9).ToArbitrary(), (bytes, size) =>
        {
            using UapiReader whole = new(), cut = new();
            var text = Encoding.Latin1.GetString(bytes);
            return All(whole, text).Select(Describe).Append(Describe(whole.Complete()))
                .SequenceEqual(All(cut, text, size).Select(Describe).Append(Describe(cut.Complete())));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    // Requests with something changed, taken out or put in: what is random all over is never read far.
    private static Gen<byte[]> Noise =>
        from change in Texts.Changes
        from at in Gen.Choose(0, int.MaxValue)
        from count in Gen.Choose(0, 5)
        from bytes in Gen.OneOf(Gen.Elements("\n", "=", "\0", "-").Select(Encoding.ASCII.GetBytes), ArbMap.Default.GeneratorFor<byte[]>())
        let text = Encoding.UTF8.GetBytes(Texts.Set(change))
        let place = at % text.Length
        select (byte[])[.. text[..place], .. bytes, .. text[Math.Min(place + count, text.Length)..]];

    private static string Describe(UapiOperation? operation) =>
        operation is UapiOperation.Apply apply ? Texts.Set(apply.Change) : $"{operation}";

    private static WireGuardChange Change(string lines)
    {
        using var reader = new UapiReader();
        return ((UapiOperation.Apply)All(reader, $"set=1\n{lines.TrimEnd('\n')}\n\n").Single()).Change;
    }

    private static List<UapiOperation> All(UapiReader reader, string text, int size = int.MaxValue)
    {
        var operations = new List<UapiOperation>();
        foreach (var piece in Encoding.Latin1.GetBytes(text).Chunk(size))
        {
            ReadOnlySpan<byte> input = piece;
            while (reader.Read(ref input) is { } operation)
                operations.Add(operation);
            Assert.True(input.IsEmpty);
        }
        return operations;
    }
}
