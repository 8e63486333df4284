using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.Testing;
using Xunit;

namespace Qanat.WireGuard.Tests;

public class HostileHandshakeTests
{
    [Fact]
    public void An_initiation_with_any_byte_changed_is_refused()
    {
        using var pair = new Pair();
        using var checker = new CookieChecker(pair.RespondersIdentity, pair.Time);
        var initiation = pair.Initiate();
        foreach (var (message, offset) in Changed(initiation))
        {
            if (offset < 4)
                Assert.NotEqual(MessageType.Initiation, Message.TypeOf(message));
            if (offset < InitiationMessage.MacsOffset + Blake2sMac.Length)
                Assert.Equal(CookieVerdict.InvalidMac1, checker.Check(message, default, 1, isUnderLoad: false));
            else
                Assert.Equal(CookieVerdict.CookieRequired, checker.Check(message, default, 1, isUnderLoad: true));
            if (offset is >= InitiationMessage.EphemeralOffset and < InitiationMessage.MacsOffset) // whoever changed it made a new code
                Assert.Equal(HandshakeVerdict.Forged, pair.Accept(message));
        }
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(initiation));
    }

    [Fact]
    public void A_response_with_any_byte_changed_is_refused_and_the_right_one_accepted_afterwards()
    {
        using var pair = new Pair();
        using var checker = new CookieChecker(pair.InitiatorsIdentity, pair.Time);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        var response = pair.Respond(out _);
        foreach (var (message, offset) in Changed(response))
        {
            if (offset < 4)
                Assert.NotEqual(MessageType.Response, Message.TypeOf(message));
            if (offset < ResponseMessage.MacsOffset + Blake2sMac.Length)
                Assert.Equal(CookieVerdict.InvalidMac1, checker.Check(message, default, 1, isUnderLoad: false));
            else
                Assert.Equal(CookieVerdict.CookieRequired, checker.Check(message, default, 1, isUnderLoad: true));
            if (offset is >= ResponseMessage.ReceiverOffset and < ResponseMessage.EphemeralOffset)
                Assert.Equal(HandshakeVerdict.Unexpected, pair.Finish(message, out _));
            else if (offset is >= ResponseMessage.EphemeralOffset and < ResponseMessage.MacsOffset)
                Assert.Equal(HandshakeVerdict.Forged, pair.Finish(message, out _));
        }
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(response, out _));
    }

    [Fact]
    public void A_flood_of_bad_messages_allocates_nothing()
    {
        using var pair = new Pair();
        using var checker = new CookieChecker(pair.RespondersIdentity, pair.Time);
        Func<PublicKey, HandshakePeer?> find = pair.Find, nobody = static _ => null;
        var replayed = pair.Initiate();
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(replayed));
        byte[] forgedKey = (byte[])replayed.Clone(), forgedTime = (byte[])replayed.Clone(), weak = (byte[])replayed.Clone();
        forgedKey[InitiationMessage.StaticOffset] ^= 1;
        forgedTime[InitiationMessage.TimestampOffset] ^= 1;
        weak.AsSpan(InitiationMessage.EphemeralOffset, X25519.KeyLength).Clear();
        byte[] response = [2, .. new byte[ResponseMessage.Size - 1]], reply = new byte[CookieReplyMessage.Size];
        var source = IpAddress.Any(isIPv6: false);
        pair.Initiate();

        Flood(20);
        Allocations.AssertNone(packets: 8 * 200, () => Flood(200));

        void Flood(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                if (checker.Check(forgedKey, source, 1, isUnderLoad: false) != CookieVerdict.InvalidMac1 ||
                    checker.Check(replayed, source, 1, isUnderLoad: true) != CookieVerdict.CookieRequired)
                    throw new InvalidOperationException("A code is wrong.");
                checker.CreateReply(replayed, source, 1, reply);
                Expect(forgedKey, find, HandshakeVerdict.Forged);
                Expect(forgedTime, find, HandshakeVerdict.Forged);
                Expect(weak, find, HandshakeVerdict.WeakKey);
                Expect(replayed, nobody, HandshakeVerdict.UnknownPeer);
                Expect(replayed, find, HandshakeVerdict.Replayed);
                if (!ResponseMessage.TryParse(response, out var answer) || !CookieReplyMessage.TryParse(reply, out var cookie) ||
                    pair.Initiator.ConsumeResponse(pair.ResponderAsPeer, answer, out _) != HandshakeVerdict.Unexpected ||
                    pair.Initiator.ConsumeCookieReply(pair.ResponderAsPeer, cookie) != HandshakeVerdict.Forged)
                    throw new InvalidOperationException("An answer is wrong.");
            }
        }

        void Expect(byte[] bytes, Func<PublicKey, HandshakePeer?> lookUp, HandshakeVerdict verdict)
        {
            if (!InitiationMessage.TryParse(bytes, out var message) ||
                pair.Responder.ConsumeInitiation(message, lookUp, out _) != verdict)
                throw new InvalidOperationException($"It is not {verdict}.");
        }
    }

    [Fact]
    public void Whatever_is_in_a_message_that_nobody_made_is_refused()
    {
        using var pair = new Pair();
        pair.Initiate();
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            byte[] initiation = new byte[InitiationMessage.Size], response = new byte[ResponseMessage.Size];
            random.NextBytes(initiation);
            random.NextBytes(response);
            new byte[] { 1, 0, 0, 0 }.CopyTo(initiation, 0);
            new byte[] { 2, 0, 0, 0 }.CopyTo(response, 0);
            BinaryPrimitives.WriteUInt32LittleEndian(response.AsSpan(ResponseMessage.ReceiverOffset), HandshakeVectors.InitiatorsIndex);
            return pair.Accept(initiation) == HandshakeVerdict.Forged && pair.Finish(response, out _) == HandshakeVerdict.Forged;
        }).QuickCheckThrowOnFailure();
    }

    private static IEnumerable<(byte[] Message, int Offset)> Changed(byte[] message)
    {
        for (var offset = 0; offset < message.Length; offset++)
        {
            var changed = (byte[])message.Clone();
            changed[offset] ^= 0x04;
            yield return (changed, offset);
        }
    }
}
