using Qanat.Packets;
using Xunit;
using static Qanat.WireGuard.Tests.HandshakeVectors;

namespace Qanat.WireGuard.Tests;

public class CookieTests
{
    private const ushort Port = 51820;

    private static readonly IpAddress s_source = Address("192.0.2.1");

    [Fact]
    public void A_cookie_goes_round_byte_for_byte_as_in_another_implementation()
    {
        using var pair = new Pair();
        pair.InitiatorsRandom.Add(Get("initiator-ephemeral"), Get("initiator-ephemeral-2"));
        using var checker = Checker(pair);
        var initiation = pair.Initiate();
        Assert.Equal(CookieVerdict.CookieRequired, checker.Check(initiation, s_source, Port, isUnderLoad: true));
        Assert.Equal(Get("cookie-reply-v4"), Reply(checker, initiation, s_source, Port));
        Assert.Equal(HandshakeVerdict.Accepted, Take(pair, Get("cookie-reply-v4")));

        pair.Time.Advance(5);
        var second = pair.Initiate();
        Assert.Equal(Get("initiation-2"), second);
        Assert.Equal(CookieVerdict.Admitted, checker.Check(second, s_source, Port, isUnderLoad: true));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(second));
    }

    [Fact]
    public void A_cookie_for_an_address_of_IPv6_is_that_of_another_implementation()
    {
        using var pair = new Pair();
        using var checker = Checker(pair);
        Assert.Equal(Get("cookie-reply-v6"), Reply(checker, Get("initiation"), Address("2001:db8::1"), Port));
    }

    [Fact]
    public void Without_load_a_message_needs_its_first_code_alone()
    {
        using var pair = new Pair();
        using var checker = new CookieChecker(pair.RespondersIdentity, pair.Time);
        Assert.Equal(CookieVerdict.Admitted, checker.Check(pair.Initiate(), s_source, Port, isUnderLoad: false));
        using var other = new CookieChecker(pair.InitiatorsIdentity, pair.Time);
        Assert.Equal(CookieVerdict.InvalidMac1, other.Check(pair.Initiate(), s_source, Port, isUnderLoad: false));
        Assert.Equal(CookieVerdict.InvalidMac1, checker.Check(new byte[31], s_source, Port, isUnderLoad: false));
    }

    [Theory]
    [InlineData("192.0.2.1", Port + 1)]
    [InlineData("192.0.2.2", Port)]
    [InlineData("::ffff:192.0.2.1", Port)]
    public void A_cookie_is_good_for_one_address_and_port(string source, int port)
    {
        using var pair = new Pair();
        using var checker = Checker(pair);
        Assert.Equal(HandshakeVerdict.Accepted, Take(pair, Reply(checker, pair.Initiate(), s_source, Port)));
        var initiation = pair.Initiate();
        Assert.Equal(CookieVerdict.Admitted, checker.Check(initiation, s_source, Port, isUnderLoad: true));
        Assert.Equal(CookieVerdict.CookieRequired, checker.Check(initiation, Address(source), (ushort)port, isUnderLoad: true));
    }

    [Fact]
    public void The_secret_of_cookies_is_changed_after_120_seconds()
    {
        using var pair = new Pair();
        using var checker = new CookieChecker(pair.RespondersIdentity, pair.Time);
        pair.Time.Advance(60);
        Assert.Equal(HandshakeVerdict.Accepted, Take(pair, Reply(checker, pair.Initiate(), s_source, Port)));
        pair.Time.Advance(59.9);
        Assert.Equal(CookieVerdict.Admitted, checker.Check(pair.Initiate(), s_source, Port, isUnderLoad: true));
        pair.Time.Advance(0.1);
        Assert.Equal(CookieVerdict.CookieRequired, checker.Check(pair.Initiate(), s_source, Port, isUnderLoad: true));
    }

    [Fact]
    public void A_cookie_is_sent_along_for_120_seconds()
    {
        using var pair = new Pair();
        using var checker = Checker(pair);
        Assert.Equal(HandshakeVerdict.Accepted, Take(pair, Reply(checker, pair.Initiate(), s_source, Port)));
        pair.Time.Advance(119.9);
        Assert.NotEqual(new byte[16], pair.Initiate()[^16..]);
        pair.Time.Advance(0.1);
        Assert.Equal(new byte[16], pair.Initiate()[^16..]);
    }

    [Fact]
    public void A_reply_is_taken_once_and_to_the_last_message_alone()
    {
        using var pair = new Pair();
        using var checker = Checker(pair);
        Assert.Equal(HandshakeVerdict.Unexpected, Take(pair, Get("cookie-reply-v4")));
        var old = Reply(checker, pair.Initiate(), s_source, Port);
        var reply = Reply(checker, pair.Initiate(), s_source, Port);
        Assert.Equal(HandshakeVerdict.Forged, Take(pair, old));
        Assert.Equal(HandshakeVerdict.Accepted, Take(pair, reply));
        Assert.Equal(HandshakeVerdict.Unexpected, Take(pair, reply));
    }

    [Fact]
    public void A_reply_with_any_byte_changed_is_refused_and_the_right_one_taken_afterwards()
    {
        using var pair = new Pair();
        using var checker = Checker(pair);
        var reply = Reply(checker, pair.Initiate(), s_source, Port);
        for (var i = 8; i < reply.Length; i++) // in front of the nonce are its type, and an index that must be ours
        {
            reply[i] ^= 0x40;
            Assert.Equal(HandshakeVerdict.Forged, Take(pair, reply));
            reply[i] ^= 0x40;
        }
        Assert.Equal(new byte[16], pair.Initiate()[^16..]);
        Assert.Equal(HandshakeVerdict.Forged, Take(pair, reply));
        Assert.Equal(HandshakeVerdict.Accepted, Take(pair, Reply(checker, pair.Initiate(), s_source, Port)));
    }

    [Fact]
    public void An_initiator_under_load_asks_for_a_cookie_too()
    {
        using var pair = new Pair();
        using var checker = new CookieChecker(pair.InitiatorsIdentity, pair.Time);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        var response = pair.Respond(out _);
        Assert.Equal(CookieVerdict.CookieRequired, checker.Check(response, s_source, Port, isUnderLoad: true));
        var bytes = Reply(checker, response, s_source, Port);
        Assert.True(CookieReplyMessage.TryParse(bytes, out var reply));
        Assert.Equal(RespondersIndex, reply.Receiver);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Responder.ConsumeCookieReply(pair.InitiatorAsPeer, reply));

        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        response = pair.Respond(out _);
        Assert.Equal(CookieVerdict.Admitted, checker.Check(response, s_source, Port, isUnderLoad: true));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(response, out _));
    }

    private static CookieChecker Checker(Pair pair)
    {
        var random = new Scripted();
        random.Add(Get("cookie-secret"), Get("nonce"));
        return new(pair.RespondersIdentity, pair.Time, random.Fill);
    }

    private static byte[] Reply(CookieChecker checker, byte[] message, IpAddress source, ushort port)
    {
        var reply = new byte[CookieReplyMessage.Size];
        checker.CreateReply(message, source, port, reply);
        return reply;
    }

    private static HandshakeVerdict Take(Pair pair, byte[] reply) => CookieReplyMessage.TryParse(reply, out var message)
        ? pair.Initiator.ConsumeCookieReply(pair.ResponderAsPeer, message)
        : throw new ArgumentException("It is no cookie reply.", nameof(reply));

    private static IpAddress Address(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);
}
