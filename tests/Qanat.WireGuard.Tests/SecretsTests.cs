using System.Reflection;
using Qanat.Crypto;
using Xunit;
using static Qanat.WireGuard.Tests.HandshakeVectors;

namespace Qanat.WireGuard.Tests;

public class SecretsTests
{
    [Fact]
    public void Nothing_that_was_disposed_of_holds_a_secret()
    {
        var pair = new Pair();
        pair.InitiatorAsPeer.SetPresharedKey(Get("preshared"));
        pair.ResponderAsPeer.SetPresharedKey(Get("preshared"));
        object[] owners =
        [
            pair.Initiator, pair.Responder, pair.InitiatorAsPeer, pair.ResponderAsPeer, pair.InitiatorsIdentity, pair.RespondersIdentity,
        ];
        byte[][] known =
        [
            Get("initiator"), Get("responder"), Get("preshared"), Get("initiators-key-psk"), Get("responders-key-psk"),
            Shared("initiator", "responder-public"), Shared("initiator-ephemeral", "responder-public"),
        ];
        pair.InitiatorsRandom.Add(Get("initiator-ephemeral"));
        pair.RespondersRandom.Add(Get("responder-ephemeral"));
        var initiation = pair.Initiate();
        var waiting = pair.ResponderAsPeer.Pending!;
        byte[] chainingKey = waiting.ChainingKey.Bytes.ToArray(), hash = waiting.Hash.Bytes.ToArray();
        // The private keys are with libcrypto alone.
        Assert.Equal([false, false, true, false, false, true, false], known.Select(secret => Holds(owners, secret)));
        Assert.True(Holds([pair.ResponderAsPeer], chainingKey));
        Assert.False(Holds([pair.Initiator], chainingKey));

        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(initiation));
        Assert.True(Holds([pair.Responder], chainingKey) && Holds([pair.Responder], hash));
        Assert.Equal(HandshakeVerdict.Accepted, pair.Finish(pair.Respond(out var responders), out var initiators));
        Assert.False(Holds(owners, chainingKey) || Holds(owners, hash) || Holds([waiting], chainingKey) || Holds([waiting], hash));
        Assert.True(Holds([initiators!], known[3]) && Holds([responders], known[4]));
        Assert.False(Holds(owners, known[3]) || Holds(owners, known[4]));

        initiators!.Dispose();
        responders.Dispose();
        pair.Dispose();
        owners = [.. owners, initiators, responders, waiting];
        Assert.All(known, secret => Assert.False(Holds(owners, secret)));
    }

    [Fact]
    public void A_message_that_is_refused_leaves_nothing_behind()
    {
        using var pair = new Pair();
        var initiation = pair.Initiate();
        initiation[InitiationMessage.TimestampOffset] ^= 1;
        var before = Bytes(pair.Responder).Select(bytes => bytes.ToArray()).ToArray();
        Assert.Equal(HandshakeVerdict.Forged, pair.Accept(initiation));
        Assert.Equal(before, Bytes(pair.Responder));

        initiation[InitiationMessage.TimestampOffset] ^= 1;
        Assert.Equal(HandshakeVerdict.Accepted, pair.Accept(initiation));
        Assert.NotEqual(before, Bytes(pair.Responder));
        var response = pair.Respond(out _);
        response[ResponseMessage.EmptyOffset] ^= 1;
        before = [.. Bytes(pair.Initiator).Select(bytes => bytes.ToArray())];
        Assert.Equal(HandshakeVerdict.Forged, pair.Finish(response, out _));
        Assert.Equal(before, Bytes(pair.Initiator));
    }

    [Fact]
    public void A_peer_or_identity_that_was_disposed_of_is_not_used_again()
    {
        using var pair = new Pair();
        pair.ResponderAsPeer.Dispose();
        pair.InitiatorAsPeer.Dispose();
        pair.ResponderAsPeer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pair.Initiate());
        Assert.Throws<ObjectDisposedException>(() => pair.Accept(Get("initiation")));
        Assert.Throws<ObjectDisposedException>(() => pair.ResponderAsPeer.SetPresharedKey([]));
        pair.InitiatorsIdentity.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new Handshake(pair.InitiatorsIdentity, pair.Time));
    }

    private static byte[] Shared(string privateKey, string publicKey)
    {
        using var key = new X25519(Get(privateKey));
        var secret = new byte[X25519.KeyLength];
        Assert.True(key.TryAgree(Get(publicKey), secret));
        return secret;
    }

    private static bool Holds(object[] owners, byte[] secret) => owners.SelectMany(Bytes).Any(bytes => bytes.AsSpan().IndexOf(secret) >= 0);

    // All arrays of bytes that an object of ours holds, however deep.
    private static IEnumerable<byte[]> Bytes(object root)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var ahead = new Stack<object>([root]);
        while (ahead.TryPop(out var next))
        {
            if (!seen.Add(next))
                continue;
            if (next is byte[] bytes)
                yield return bytes;
            if (next.GetType().Namespace?.StartsWith("Qanat.", StringComparison.Ordinal) != true)
                continue;
            for (var type = next.GetType(); type is not null; type = type.BaseType)
                foreach (var field in type.GetFields(Own))
                    if (!field.FieldType.IsPointer && field.GetValue(next) is { } value and not ManualTime and not Delegate)
                        ahead.Push(value);
        }
    }
}
