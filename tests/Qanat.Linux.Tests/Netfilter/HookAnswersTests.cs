using System.Diagnostics.CodeAnalysis;
using Qanat.Linux.Netfilter;
using Qanat.Linux.Netlink;
using Qanat.Linux.Xfrm;

namespace Qanat.Linux.Tests.Netfilter;

/// <summary>What the kernel says of its hooks, tables and policies: understood when whole, harmless when not.</summary>
public class HookAnswersTests
{
    private const ushort HookGet = 0x0C00, NewTable = 0x0A00, NewSpdInfo = 0x24, GetDefault = 0x28;

    [Theory]
    [InlineData("nft_do_chain_ipv4", true)]
    [InlineData("nf_nat_ipv4_out", true)]
    [InlineData("ipt_do_table", true)]
    [InlineData("apparmor_ip_postroute", false)]
    [InlineData("selinux_ip_output", false)]
    [InlineData("smack_ip_output", false)]
    public void Every_hook_counts_but_a_security_modules(string function, bool counts) =>
        Assert.Equal(counts, Understands<NetfilterHook>(Hook(function)));

    [Theory]
    [InlineData(1, true)] // NFPROTO_INET
    [InlineData(2, true)] // NFPROTO_IPV4
    [InlineData(5, true)] // NFPROTO_NETDEV
    [InlineData(10, false)] // NFPROTO_IPV6
    public void Tables_count_by_their_family(byte family, bool counts) => Assert.Equal(counts, Understands<NetfilterTable>(Table(family)));

    [Fact]
    public void Policies_are_counted()
    {
        Assert.Same(PolicyVerdict.Of(sent: false, received: true), Verdict(SpdInfo(outgoing: 0)));
        Assert.Same(PolicyVerdict.Of(sent: true, received: true), Verdict(SpdInfo(outgoing: 3)));
        Assert.Same(PolicyVerdict.Of(sent: true, received: false), Verdict(Message(GetDefault, [2, 2, 1])));
        Assert.Same(PolicyVerdict.Of(sent: false, received: true), Verdict(Message(GetDefault, [1, 2, 2])));
        Assert.Same(PolicyVerdict.Of(sent: false, received: false), Verdict(Message(GetDefault, [2, 2, 2])));
    }

    [Fact]
    public void Counts_that_are_cut_short_are_no_answer()
    {
        var whole = SpdInfo(outgoing: 3);
        for (var length = 0; length < whole.Length - NetlinkMessage.HeaderLength; length++)
            Assert.Null(Verdict(Message(NewSpdInfo, whole.AsSpan(NetlinkMessage.HeaderLength, length))));
    }

    [Fact]
    public void Mutated_answers_never_crash()
    {
        byte[][] corpus = [Hook("nft_do_chain_inet"), Table(2), SpdInfo(outgoing: 1), Message(GetDefault, [2, 2, 1])];
        var random = new Random(20250609);
        var understood = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = corpus[random.Next(corpus.Length)][..];
            for (var changes = random.Next(1, 5); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Array.Resize(ref bytes, bytes.Length - random.Next(4));
            understood += Understands<NetfilterHook>(bytes) || Understands<NetfilterTable>(bytes) || Understands<PolicyVerdict>(bytes) ? 1 : 0;
        }

        Assert.InRange(understood, 10_000, 90_000);
    }

    private static byte[] Hook(string function) =>
        Message(HookGet,
            [2, 0, 0, 0, .. Attribute(4, [.. System.Text.Encoding.UTF8.GetBytes(function), 0]), .. Attribute(1, [0, 0, 0, 4])]);

    private static byte[] Table(byte family) => Message(NewTable, [family, 0, 0, 3, .. Attribute(1, "t\0"u8)]);

    private static byte[] SpdInfo(byte outgoing) =>
        Message(NewSpdInfo, [0, 0, 0, 0, .. Attribute(1, [9, 0, 0, 0, outgoing, .. new byte[19]])]);

    private static byte[] Attribute(byte type, ReadOnlySpan<byte> value) =>
        [(byte)(4 + value.Length), 0, type, 0, .. value, .. new byte[-value.Length & 3]];

    private static byte[] Message(ushort type, ReadOnlySpan<byte> payload) =>
        [(byte)(16 + payload.Length), 0, 0, 0, (byte)type, (byte)(type >> 8), .. new byte[10], .. payload];

    private static PolicyVerdict? Verdict(byte[] datagram) => TryParse<PolicyVerdict>(datagram, out var verdict) ? verdict : null;

    private static bool Understands<T>(byte[] datagram) where T : class, INetlinkParsable<T> => TryParse<T>(datagram, out _);

    private static bool TryParse<T>(byte[] datagram, [NotNullWhen(true)] out T? value) where T : class, INetlinkParsable<T>
    {
        value = null;
        return NetlinkMessage.TryParse(datagram, out var message, out _) && T.TryParse(message, out value);
    }
}
