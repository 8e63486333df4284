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
}
