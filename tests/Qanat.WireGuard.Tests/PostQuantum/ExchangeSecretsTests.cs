using Xunit;

namespace Qanat.WireGuard.Tests.PostQuantum;

public class ExchangeSecretsTests
{
    private static readonly byte[][] s_inputs = [new byte[32], new byte[32], new byte[32], new byte[32], new byte[1184], new byte[1088]];

    [Fact]
    public void Everything_that_was_said_and_known_has_its_part_in_every_secret()
    {
        var (key, answer, confirmation) = Derive(s_inputs);
        Assert.Equal((key, answer, confirmation), Derive(s_inputs));
        Assert.Equal(3, new[] { key[..32], answer, confirmation }.Distinct().Count());
        for (var changed = 0; changed < s_inputs.Length; changed++)
        {
            var inputs = s_inputs.Select(input => (byte[])input.Clone()).ToArray();
            inputs[changed][^1] ^= 1;
            var other = Derive(inputs);
            Assert.True(other.Key != key && other.Answer != answer && other.Confirmation != confirmation, $"input {changed}");
        }
    }

    // As written down, by Python's hashlib.blake2s and hmac: what two versions of Qanat must agree on.
    [Fact]
    public void They_are_what_the_remarks_say() =>
        Assert.Equal(
            ("5cf8853e6ed4351181c37a480af653792bf4d999d8a369c290d4190737a56245",
                "51feb1ef0e1f9973c046e156bfa14eaf", "8be2141c80c660d324dc2270060e4aa0"),
            Derive(s_inputs));

    [Fact]
    public void They_are_wiped()
    {
        using var secrets = new ExchangeSecrets();
        secrets.Derive(s_inputs[0], s_inputs[1], default, default, s_inputs[4], s_inputs[5]);
        secrets.Wipe();
        Assert.Equal(new byte[32], secrets.PresharedKey.ToArray());
        Assert.Equal(new byte[16], secrets.AnswerCode.ToArray());
        Assert.Equal(new byte[16], secrets.ConfirmationCode.ToArray());
    }

    private static (string Key, string Answer, string Confirmation) Derive(byte[][] inputs)
    {
        using var secrets = new ExchangeSecrets();
        secrets.Derive(inputs[0], inputs[1], new(inputs[2]), new(inputs[3]), inputs[4], inputs[5]);
        return (Convert.ToHexStringLower(secrets.PresharedKey), Convert.ToHexStringLower(secrets.AnswerCode),
            Convert.ToHexStringLower(secrets.ConfirmationCode));
    }
}
