using FsCheck;
using FsCheck.Fluent;
using Qanat.Crypto;
using Xunit;
using static Qanat.WireGuard.Tests.HandshakeVectors;

namespace Qanat.WireGuard.Tests;

public class HandshakeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-psk")]
    public void A_handshake_is_byte_for_byte_that_of_another_implementation(string suffix)
    {
        using var pair = new Pair();
        pair.InitiatorsRandom.Add(Get("initiator-ephemeral"));
        pair.RespondersRandom.Add(Get("responder-ephemeral"));
        if (suffix.Length > 0)
        {
            pair.InitiatorAsPeer.SetPresharedKey(Get("preshared"));
            pair.ResponderAsPeer.SetPresharedKey(Get("preshared"));
        }
        Assert.Equal(new PublicKey(Get("initiator-public")), pair.InitiatorsIdentity.PublicKey);
        Assert.Equal(new PublicKey(Get("responder-public")), pair.RespondersIdentity.PublicKey);

        var initiation = pair.Initiate();
        Assert.Equal(Get("initiation"), initiation);
        Assert.True(pair.ResponderAsPeer.IsWaiting);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(initiation, out var peer));
        Assert.Same(pair.InitiatorAsPeer, peer);
        var response = pair.Respond(out var responders);
        Assert.Equal(Get("response" + suffix), response);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(response, out var initiators));
        Assert.False(pair.ResponderAsPeer.IsWaiting);

        Assert.Equal(Get("initiators-key" + suffix), initiators!.Send.Bytes);
        Assert.Equal(Get("responders-key" + suffix), initiators.Receive.Bytes);
        Assert.True(initiators.Send.Equals(responders.Receive) && initiators.Receive.Equals(responders.Send));
        Assert.Equal((InitiatorsIndex, RespondersIndex, true), (initiators.LocalIndex, initiators.RemoteIndex, initiators.IsInitiator));
        Assert.Equal((RespondersIndex, InitiatorsIndex, false), (responders.LocalIndex, responders.RemoteIndex, responders.IsInitiator));
    }

    [Fact]
    public void Any_two_ends_come_to_the_same_keys() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        byte[] ours = new byte[32], theirs = new byte[32], preshared = new byte[32];
        Array.ForEach([ours, theirs, preshared], random.NextBytes);
        using LocalIdentity one = new(ours), other = new(theirs);
        using Handshake here = new(one, TimeProvider.System), there = new(other, TimeProvider.System);
        using HandshakePeer peerHere = new(one, other.PublicKey), peerThere = new(other, one.PublicKey);
        peerHere.SetPresharedKey(preshared);
        peerThere.SetPresharedKey(preshared);

        byte[] initiation = new byte[InitiationMessage.Size], response = new byte[ResponseMessage.Size];
        Assert.True(here.TryCreateInitiation(peerHere, 1, initiation));
        Assert.True(InitiationMessage.TryParse(initiation, out var first));
        Assert.Equal(HandshakeVerdict.Accepted, there.ConsumeInitiation(first, _ => peerThere, out _));
        Assert.True(there.TryCreateResponse(2, response, out var responders));
        Assert.True(ResponseMessage.TryParse(response, out var second));
        Assert.Equal(HandshakeVerdict.Accepted, here.ConsumeResponse(peerHere, second, out var initiators));
        return initiators!.Send.Equals(responders.Receive) && initiators.Receive.Equals(responders.Send);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_ends_that_begin_at_the_same_moment_both_succeed()
    {
        using var pair = new Pair();
        var there = pair.Initiate(index: 1);
        var back = new byte[InitiationMessage.Size];
        Assert.True(pair.Responder.TryCreateInitiation(pair.InitiatorAsPeer, 2, back));

        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(there));
        var answer = pair.Respond(out var acceptedThere, index: 3);
        Assert.True(InitiationMessage.TryParse(back, out var message));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Initiator.ConsumeInitiation(message, _ => pair.ResponderAsPeer, out _));
        var answerBack = new byte[ResponseMessage.Size];
        Assert.True(pair.Initiator.TryCreateResponse(4, answerBack, out var acceptedBack));

        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(answer, out var begunThere));
        Assert.True(ResponseMessage.TryParse(answerBack, out var response));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Responder.ConsumeResponse(pair.InitiatorAsPeer, response, out var begunBack));
        Assert.Equal((1u, 3u, 2u, 4u), (begunThere!.LocalIndex, begunThere.RemoteIndex, begunBack!.LocalIndex, begunBack.RemoteIndex));
        Assert.True(begunThere.Send.Equals(acceptedThere.Receive) && begunThere.Receive.Equals(acceptedThere.Send));
        Assert.True(begunBack.Send.Equals(acceptedBack.Receive) && begunBack.Receive.Equals(acceptedBack.Send));
        Assert.False(begunBack.Send.Equals(begunThere.Send));
    }

    [Fact]
    public void A_response_is_accepted_once_and_to_the_last_initiation_alone()
    {
        using var pair = new Pair();
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate(index: 1)));
        var old = pair.Respond(out _);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate(index: 2)));
        var response = pair.Respond(out _);
        Assert.Equal(HandshakeVerdict.Unexpected, pair.Finish(old, out _));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(response, out _));
        Assert.Equal(HandshakeVerdict.Unexpected, pair.Finish(response, out var keys));
        Assert.Null(keys);
    }

    [Fact]
    public void A_response_to_an_initiation_that_was_given_up_is_not_expected()
    {
        using var pair = new Pair();
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        var response = pair.Respond(out _);
        pair.ResponderAsPeer.GiveUp();
        Assert.Equal(HandshakeVerdict.Unexpected, pair.Finish(response, out _));
    }

    [Fact]
    public void An_initiation_is_answered_once_and_not_when_it_is_forgotten_or_another_message_came()
    {
        using var pair = new Pair();
        var message = new byte[ResponseMessage.Size];
        Assert.False(pair.Responder.TryCreateResponse(1, message, out _));

        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        pair.Respond(out _);
        Assert.False(pair.Responder.TryCreateResponse(1, message, out _));

        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        pair.Responder.Forget();
        Assert.False(pair.Responder.TryCreateResponse(1, message, out _));

        var initiation = pair.Initiate();
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(initiation));
        Assert.Equal(HandshakeVerdict.Replayed, pair.Accept(initiation));
        Assert.False(pair.Responder.TryCreateResponse(1, message, out var keys));
        Assert.Null(keys);
    }

    [Fact]
    public void A_replayed_or_older_initiation_is_refused_and_says_whose_it_is()
    {
        using var pair = new Pair();
        var old = pair.Initiate();
        pair.Time.Advance(1);
        var initiation = pair.Initiate();
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(initiation));
        Assert.Equal(HandshakeVerdict.Replayed, pair.Accept(initiation));
        Assert.Equal(HandshakeVerdict.Replayed, pair.Accept(old, out var peer));
        Assert.Same(pair.InitiatorAsPeer, peer);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.001)]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void A_clock_that_stands_still_or_goes_back_does_not_make_initiations_old(double seconds)
    {
        using var pair = new Pair();
        for (var i = 0; i < 130; i++) // 60 steps of a timestamp are a second
        {
            Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
            pair.Time.Now += TimeSpan.FromSeconds(seconds);
        }
    }

    [Fact]
    public void Another_private_key_of_ours_leaves_replays_refused_and_handshakes_possible()
    {
        using var pair = new Pair();
        var old = pair.Initiate();
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(old));
        using var other = X25519.GeneratePrivateKey();
        using var identity = new LocalIdentity(other.Bytes);
        using var handshake = new Handshake(identity, pair.Time);
        pair.InitiatorAsPeer.Adopt(identity);
        using var responder = new HandshakePeer(pair.InitiatorsIdentity, identity.PublicKey);

        var initiation = new byte[InitiationMessage.Size];
        Assert.True(InitiationMessage.TryParse(old, out var message));
        Assert.Equal(HandshakeVerdict.Forged, handshake.ConsumeInitiation(message, pair.Find, out _));
        pair.Time.Now += TimeSpan.FromSeconds(1);
        Assert.True(pair.Initiator.TryCreateInitiation(responder, 1, initiation));
        Assert.True(InitiationMessage.TryParse(initiation, out message));
        Assert.Equal(HandshakeVerdict.Accepted, handshake.ConsumeInitiation(message, pair.Find, out _));

        pair.InitiatorAsPeer.Adopt(pair.RespondersIdentity);
        Assert.Equal(HandshakeVerdict.Replayed, pair.Accept(old));
    }

    [Fact]
    public void A_stranger_is_nobody_that_is_known()
    {
        using var pair = new Pair();
        Assert.True(InitiationMessage.TryParse(pair.Initiate(), out var message));
        PublicKey asked = default;
        Assert.Equal(HandshakeVerdict.UnknownPeer, pair.Responder.ConsumeInitiation(message, Ask, out var peer));
        Assert.Null(peer);
        Assert.Equal(pair.InitiatorsIdentity.PublicKey, asked);

        HandshakePeer? Ask(PublicKey key)
        {
            asked = key;
            return null;
        }
    }

    [Fact]
    public void An_initiation_to_somebody_else_is_refused()
    {
        using var pair = new Pair();
        using var other = new HandshakePeer(pair.InitiatorsIdentity, pair.InitiatorsIdentity.PublicKey);
        var message = new byte[InitiationMessage.Size];
        Assert.True(pair.Initiator.TryCreateInitiation(other, 1, message));
        Assert.Equal(HandshakeVerdict.Forged, pair.Accept(message));
    }

    // Everyone can seal a public key; only its owner can seal the time.
    [Fact]
    public void Whoever_shows_the_public_key_of_another_is_refused_and_not_taken_for_it()
    {
        using var pair = new Pair();
        using var stolen = X25519.GeneratePrivateKey();
        using var thief = new LocalIdentity(stolen.Bytes);
        using var ephemeral = new X25519(Get("initiator-ephemeral"));
        using var state = new SymmetricState();
        var hashes = pair.RespondersIdentity.Hashes;
        var message = Get("initiation");
        state.Begin(hashes.ChainingKey, hashes.Hash);
        state.MixEphemeral(message.AsSpan(InitiationMessage.EphemeralOffset, X25519.KeyLength));
        Assert.True(state.TryMixAgreement(ephemeral, Get("responder-public")));
        var publicKey = message.AsSpan(InitiationMessage.StaticOffset, PublicKey.Size + Aead.MaxTagLength);
        pair.InitiatorsIdentity.PublicKey.CopyTo(publicKey);
        state.Seal(publicKey);
        Assert.Equal(Get("initiation").AsSpan(InitiationMessage.StaticOffset..InitiationMessage.TimestampOffset), publicKey);
        Assert.True(state.TryMixAgreement(thief.Key, Get("responder-public")));
        state.Seal(message.AsSpan(InitiationMessage.TimestampOffset, Tai64n.Size + Aead.MaxTagLength));

        Assert.Equal(HandshakeVerdict.Forged, pair.Accept(message, out var peer));
        Assert.Null(peer);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(Get("initiation")));
    }

    [Fact]
    public void A_wrong_preshared_key_is_refused_and_a_right_one_that_comes_later_reaches_the_handshake()
    {
        using var pair = new Pair();
        pair.InitiatorAsPeer.SetPresharedKey(Get("preshared"));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        var response = pair.Respond(out _);
        Assert.Equal(HandshakeVerdict.Forged, pair.Finish(response, out var keys));
        Assert.Null(keys);
        pair.ResponderAsPeer.SetPresharedKey(new byte[32]);
        Assert.Equal(HandshakeVerdict.Forged, pair.Finish(response, out _));
        pair.ResponderAsPeer.SetPresharedKey(Get("preshared"));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(response, out _));
    }

    [Fact]
    public void No_preshared_key_and_one_of_zeros_are_the_same()
    {
        using var pair = new Pair();
        pair.InitiatorAsPeer.SetPresharedKey(new byte[32]);
        pair.ResponderAsPeer.SetPresharedKey(Get("preshared"));
        pair.ResponderAsPeer.SetPresharedKey([]);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(pair.Initiate()));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(pair.Respond(out _), out _));
        Assert.Throws<ArgumentException>(() => pair.ResponderAsPeer.SetPresharedKey(new byte[31]));
    }

    [Fact]
    public void Keys_of_small_order_make_no_handshake()
    {
        using var pair = new Pair();
        using var weak = new HandshakePeer(pair.InitiatorsIdentity, default);
        var message = new byte[InitiationMessage.Size];
        Assert.False(pair.Initiator.TryCreateInitiation(weak, 1, message));
        Assert.False(weak.IsWaiting);

        var initiation = pair.Initiate();
        Assert.True(InitiationMessage.TryParse(initiation, out var genuine));
        Assert.Equal(HandshakeVerdict.WeakKey, pair.Responder.ConsumeInitiation(genuine, _ => weak, out _));
        var forged = (byte[])initiation.Clone();
        forged.AsSpan(InitiationMessage.EphemeralOffset, X25519.KeyLength).Clear();
        Assert.Equal(HandshakeVerdict.WeakKey, pair.Accept(forged));

        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(initiation));
        var response = pair.Respond(out _);
        forged = (byte[])response.Clone();
        forged.AsSpan(ResponseMessage.EphemeralOffset, X25519.KeyLength).Clear();
        Assert.Equal(HandshakeVerdict.WeakKey, pair.Finish(forged, out _));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(response, out _));
    }

    [Fact]
    public void Without_randomness_of_our_own_every_handshake_has_other_keys()
    {
        using var pair = new Pair();
        using var handshake = new Handshake(pair.InitiatorsIdentity, pair.Time);
        byte[] one = new byte[InitiationMessage.Size], other = new byte[InitiationMessage.Size];
        Assert.True(handshake.TryCreateInitiation(pair.ResponderAsPeer, 1, one));
        Assert.True(handshake.TryCreateInitiation(pair.ResponderAsPeer, 1, other));
        Assert.NotEqual(one[8..40], other[8..40]);
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(other));
    }
}
