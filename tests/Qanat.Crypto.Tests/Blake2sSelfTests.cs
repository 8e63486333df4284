using Xunit;
using static Qanat.Crypto.Tests.Wycheproof;

namespace Qanat.Crypto.Tests;

/// <summary>
/// The self-test of RFC 7693, Appendix E. It takes hashes of sizes that nobody here needs, so the definition is held to it, and what
/// is used to the definition.
/// </summary>
public class Blake2sSelfTests
{
    [Fact]
    public void The_definition_passes_the_self_test_of_RFC_7693()
    {
        List<byte> hashes = [];
        foreach (var length in (int[])[16, 20, 28, 32])
            foreach (var messageLength in (int[])[0, 3, 64, 65, 255, 1024])
            {
                hashes.AddRange(Blake2sDefinition.Hash(length, [], Sequence(messageLength)));
                hashes.AddRange(Blake2sDefinition.Hash(length, Sequence(length), Sequence(messageLength)));
            }
        Assert.Equal(
            Hex("6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe"), Blake2sDefinition.Hash(32, [], [.. hashes]));
    }

    [Fact]
    public void Hashes_are_those_of_the_definition_at_every_length()
    {
        using var blake2s = new Blake2s();
        var hash = new byte[Blake2s.HashLength];
        for (var length = 0; length <= 1024; length++)
        {
            var message = Sequence(length);
            blake2s.Compute(message.AsSpan(0, length / 3), message.AsSpan(length / 3), hash);
            Assert.Equal(Blake2sDefinition.Hash(Blake2s.HashLength, [], message), hash);
        }
    }

    [Fact]
    public void Codes_are_those_of_the_definition_with_keys_and_at_lengths_of_all_kinds()
    {
        using var mac = new Blake2sMac([1]);
        var code = new byte[Blake2sMac.Length];
        for (var keyLength = 1; keyLength <= Blake2sMac.MaxKeyLength; keyLength++)
        {
            mac.SetKey(Sequence(keyLength));
            foreach (var length in (int[])[0, 1, 3, 63, 64, 65, 116, 132, 255, 1024, 32 * keyLength])
            {
                mac.Compute(Sequence(length), code);
                Assert.Equal(Blake2sDefinition.Hash(Blake2sMac.Length, Sequence(keyLength), Sequence(length)), code);
            }
        }
    }

    // RFC 7693, Appendix E: selftest_seq, whose seed is the length.
    private static byte[] Sequence(int length)
    {
        var (a, b) = (unchecked(0xDEAD4BAD * (uint)length), 1u);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            (a, b) = (b, unchecked(a + b));
            bytes[i] = (byte)(b >> 24);
        }
        return bytes;
    }
}
