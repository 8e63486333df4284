using System.Text;

namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>A key as a command line has it: hexadecimal digits after 0x, or any other text, whose bytes it is.</summary>
internal static class XfrmKeyMaterial
{
    private const int MaxBytes = 512;

    /// <summary>Reads a key.</summary>
    /// <returns>It in hexadecimal digits.</returns>
    /// <exception cref="CommandFailure">It is none, or too long.</exception>
    public static string Parse(string text)
    {
        var digits = text.Length > 2 && text.StartsWith("0x", StringComparison.Ordinal)
            ? text[2..].ToLowerInvariant()
            : Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
        if (digits.Length % 2 != 0)
            digits = "0" + digits;
        if (digits.Length > 2 * MaxBytes)
            throw CommandFailure.WrongArgument(text, "ALGO-KEYMAT value makes buffer overflow\n");
        return digits.All(char.IsAsciiHexDigit) ? digits : throw CommandFailure.WrongArgument(text, "ALGO-KEYMAT value is invalid");
    }
}
