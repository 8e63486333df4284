using Xunit;

namespace Qanat.Crypto.Tests;

public class AesCbcTests
{
    [Theory]
    // RFC 3602, 4: cases 1 and 2.
    [InlineData("06a9214036b8a15b512e03d534120006", "3dafba429d9eb430b422da802c9fac41", "53696e676c6520626c6f636b206d7367",
        "e353779c1079aeb82708942dbe77181a")]
    [InlineData("c286696d887c9aa0611bbb3e2025a45a", "562e17996d093d28ddb3ba695a2e6f58",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1")]
    // NIST SP 800-38A, F.2.3 and F.2.5: the first two blocks.
    [InlineData("8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "000102030405060708090a0b0c0d0e0f",
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
        "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a")]
    [InlineData("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "000102030405060708090a0b0c0d0e0f",
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d")]
    public void The_published_vectors_are_encrypted_and_decrypted(string key, string iv, string clear, string cipher)
    {
        using var sealer = new AesCbc(Hex(key), CipherDirection.Seal);
        using var opener = new AesCbc(Hex(key), CipherDirection.Open);
        for (var again = 0; again < 3; again++)
        {
            var text = Hex(clear);
            sealer.Transform(Hex(iv), text);
            Assert.Equal(Hex(cipher), text);
            opener.Transform(Hex(iv), text);
            Assert.Equal(Hex(clear), text);
        }
    }

    [Fact]
    public void Parts_of_blocks_and_wrong_keys_are_refused()
    {
        using var cipher = new AesCbc(new byte[16], CipherDirection.Open);
        Assert.Throws<ArgumentException>(() => cipher.Transform(new byte[16], new byte[17]));
        Assert.Throws<ArgumentException>(() => cipher.Transform(new byte[15], new byte[16]));
        Assert.Throws<ArgumentException>(() => new AesCbc(new byte[20], CipherDirection.Open));
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
