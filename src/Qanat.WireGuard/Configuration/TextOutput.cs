using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Qanat.WireGuard.Configuration;

/// <summary>Writes lines of text into a buffer; keys go there and nowhere else.</summary>
internal readonly struct TextOutput(IBufferWriter<byte> output)
{
    private const int LongestNumber = 20;

    /// <summary>Writes UTF-8.</summary>
    public void Write(ReadOnlySpan<byte> text) => output.Write(text);

    /// <summary>Writes text.</summary>
    public void Write(string text) => Encoding.UTF8.GetBytes(text, output);

    /// <summary>Writes <c>name=value</c> and the end of the line.</summary>
    public void Line(ReadOnlySpan<byte> name, ulong value)
    {
        Write(name);
        Utf8Formatter.TryFormat(value, output.GetSpan(LongestNumber), out var written);
        output.Advance(written);
        Write("\n"u8);
    }

    /// <summary>Writes <c>name=value</c> and the end of the line.</summary>
    public void Line(ReadOnlySpan<byte> name, string value)
    {
        Write(name);
        Write(value);
        Write("\n"u8);
    }

    /// <summary>Writes <c>name=key</c> in hexadecimal, and the end of the line.</summary>
    public void HexLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        Write(name);
        KeyText.WriteHex(key, output.GetSpan(KeyText.HexLength));
        output.Advance(KeyText.HexLength);
        Write("\n"u8);
    }

    /// <summary>Writes <c>name=key</c> in base64, and the end of the line.</summary>
    public void Base64Line(ReadOnlySpan<byte> name, ReadOnlySpan<byte> key)
    {
        Write(name);
        KeyText.WriteBase64(key, output.GetSpan(KeyText.Base64Length));
        output.Advance(KeyText.Base64Length);
        Write("\n"u8);
    }
}
