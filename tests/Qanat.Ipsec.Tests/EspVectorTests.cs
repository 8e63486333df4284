using System.Buffers.Binary;
using Qanat.Packets;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

/// <summary>Whole ESP packets that were published: opened, and sealed again byte for byte.</summary>
public class EspVectorTests
{
    [Theory]
    // draft-mcgrew-gcm-test-01, 4, to RFC 4106: AES-128 with an extended sequence number, AES-192, AES-256.
    [InlineData("4c80cdefbb5d10da906ac73c3613a6342e443b68", "0000432100000000", 0x8765432100000000, "4956ed7e3b244cfe",
        "45000048699a000080114db7c0a80102c0a801010a9bf15638d301000001000000000000045f736970045f756470037369700963796265726369747902646b000021" +
        "0001", 1,
        "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce61bc17" +
        "d768fd9732459018148f6cbe722fd04796562dfdb4")]
    [InlineData("feffe9928665731c6d6a8f9467308308feffe9928665731ccafebabe", "0000a5f80000000a", 10UL, "facedbaddecaf888",
        "45000028a4ad4000400678800a01038f0a010612802306b8cb712602dd6bb03e501016d07568", 1,
        "a5b1f8066029aea40e598b8122de02420938b3ab33f828e687b8858b5bfbdbd0315b27452144cc7795457b9652037f5318027b5b4cd7a636")]
    [InlineData("abbccddef00112233445566778899aababbccddef00112233445566778899aab11223344", "4a2cbfe300000002", 2UL, "0102030405060708",
        "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b401010402", 1,
        "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99def842d8eb335f4eecfdbf831824b4c4915956c96")]
    public void Aes_gcm(string keyAndSalt, string header, ulong sequence, string iv, string clear, byte nextHeader, string sealedText) =>
        Check(new() { Aead = new("rfc4106(gcm(aes))", Key(keyAndSalt), 128) }, header, sequence, iv, clear, nextHeader, sealedText);

    // RFC 7634, A.
    [Fact]
    public void ChaCha20_poly1305() => Check(
        new() { Aead = new("rfc7539esp(chacha20,poly1305)", Key("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3"), 128) },
        "0102030400000005", 5, "1011121314151617",
        "45000054a6f200004001e778c6336405c000020508005b7a3a080000553bec100007362708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627" +
        "28292a2b2c2d2e2f3031323334353637", 4,
        "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c614ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3cbec163f" +
        "ac469b502773f6fb94e664da9165b82829f641e076aaa8266b7fb0f7b11b369907e1ad43");

    [Theory]
    // RFC 3602, 4: cases 5 and 6 in transport mode, 7 and 8 in tunnel mode, all without authentication.
    [InlineData("90d382b410eeba7ad938c46cec1a82bf", "0000432100000001", 1, "e96e8c08ab465763fd098d45dd3ff893",
        "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637", 1,
        "f663c25d325c18c6a9453e194e120849a4870b66cc6b9965330013b4898dc856a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa269add0" +
        "47ad2d5913ac19b7cfbad4a6")]
    [InlineData("90d382b410eeba7ad938c46cec1a82bf", "0000432100000008", 8, "69d08df7d203329db093fc4924e5bd80",
        "0800b5e8a80a0500a69c083d0b660e00777777777777777777777777", 1,
        "f51995881ec4e0c4488987ce742e8109689bb379d2d750c0d915dca346a89f75")]
    [InlineData("0123456789abcdef0123456789abcdef", "0000876500000002", 2, "f4e765244f6407adf13dc1380f673f37",
        "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627" +
        "28292a2b2c2d2e2f3031323334353637", 4,
        "773b5241a4c449225e4f3ce5ed611b0c237ca96cf74a93013c1b0ea1a0cf70f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c177f132" +
        "ad3fbfb2201ac9904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d")]
    [InlineData("0123456789abcdef0123456789abcdef", "0000876500000005", 5, "85d47224b5f3dd5d2101d4ea8dffab22",
        "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 4,
        "15b92683819596a8047232cc00f7048fe45318e11f8a0f62ede3c3fc61203bb50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d2726d9b" +
        "5ef6affc6d17a0decbb13892")]
    public void Aes_cbc(string key, string header, ulong sequence, string iv, string clear, byte nextHeader, string sealedText) =>
        Check(new() { Encryption = new("cbc(aes)", Key(key)) }, header, sequence, iv, clear, nextHeader, sealedText);

    private static void Check(
        EspAlgorithms algorithms, string header, ulong sequence, string iv, string clear, byte nextHeader, string sealedText)
    {
        var (packet, inner) = (Convert.FromHexString(header + iv + sealedText), Convert.FromHexString(clear));
        var state = Create(Tunnel(algorithms, esn: sequence > uint.MaxValue) with
        {
            Spi = BinaryPrimitives.ReadUInt32BigEndian(packet),
            Mode = nextHeader == 4 ? XfrmMode.Tunnel : XfrmMode.Transport,
            InputSequence = sequence - 1,
            OutputSequence = sequence - 1,
        });

        var opened = Open(state, packet);
        Assert.Equal(XfrmReason.None, opened.Reason);
        Assert.Equal(inner, opened.Inner);
        Assert.Equal((IpProtocol)nextHeader, opened.NextHeader);

        state.Unique = Vectors.UniqueBehind(state, packet) ^ sequence;
        Assert.Equal(Convert.ToHexString(packet), Convert.ToHexString(Seal(state, inner, (IpProtocol)nextHeader)));
    }
}
