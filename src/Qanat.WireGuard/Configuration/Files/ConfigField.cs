using System.Text;
using System.Text.Unicode;

namespace Qanat.WireGuard.Configuration;

/// <summary>A piece of a line: a key, a value, an item of a list, and where it is.</summary>
/// <param name="line">The whole line.</param>
/// <param name="number">The line's number, from 1.</param>
/// <param name="start">Where the piece begins, in bytes.</param>
/// <param name="length">Its bytes.</param>
/// <param name="anchor">A place before it whose column is known, so that long lists are not counted anew for each item.</param>
/// <param name="anchorColumn">That column.</param>
internal readonly ref struct ConfigField(
    ReadOnlySpan<byte> line, int number, int start, int length, int anchor = 0, int anchorColumn = 1)
{
    private const int MostShown = 60, LongestShownWord = 32;
    private static ReadOnlySpan<byte> Blanks => " \t\r\v\f"u8;

    private readonly ReadOnlySpan<byte> _line = line;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Text => _line.Slice(start, length);

    /// <summary>True when there is nothing.</summary>
    public bool IsEmpty => length == 0;

    /// <summary>The line's number, from 1.</summary>
    public int Line => number;

    /// <summary>The character in the line, from 1; a tab is one.</summary>
    public int Column
    {
        get
        {
            var column = anchorColumn;
            foreach (var octet in _line[anchor..start])
                if ((octet & 0xC0) != 0x80) // What continues a character of UTF-8 is none of its own.
                    column++;
            return column;
        }
    }

    /// <summary>The text in quotes, short, and harmless on a terminal; but "this" when it may hold a key that went astray.</summary>
    public string Shown
    {
        get
        {
            var word = 0;
            foreach (var octet in Text)
            {
                word = char.IsAsciiLetterOrDigit((char)octet) || (char)octet is '+' or '/' ? word + 1 : 0;
                if (word > LongestShownWord)
                    return "this";
            }
            var text = new StringBuilder("\"");
            foreach (var rune in Encoding.UTF8.GetString(Text[..Math.Min(Text.Length, 4 * MostShown)]).EnumerateRunes())
                if (text.Length > MostShown)
                    return $"{text}…\"";
                else if (Rune.IsControl(rune))
                    text.Append('?');
                else
                    text.Append(rune);
            return $"{text}\"";
        }
    }

    /// <summary>True when it is text at all.</summary>
    public bool IsUtf8 => Utf8.IsValid(Text) && !Text.Contains((byte)0);

    /// <summary>A part of it.</summary>
    public ConfigField Slice(int from, int count) => new(_line, number, start + from, count, anchor, anchorColumn);

    /// <summary>Without blanks at both ends.</summary>
    public ConfigField Trim()
    {
        var leading = length - Text.TrimStart(Blanks).Length;
        return Slice(leading, Text.Trim(Blanks).Length);
    }

    /// <summary>Without blanks anywhere, as <c>wg</c> reads what is its own.</summary>
    /// <param name="scratch">Where the text goes when there are blanks; what does not fit in cannot mean anything, and stays.</param>
    public ReadOnlySpan<byte> Compact(Span<byte> scratch)
    {
        if (!Text.ContainsAny(Blanks))
            return Text;
        var count = 0;
        foreach (var octet in Text)
        {
            if (Blanks.Contains(octet))
                continue;
            if (count == scratch.Length)
                return Text;
            scratch[count++] = octet;
        }
        return scratch[..count];
    }

    /// <summary>Cuts at the first of the separators.</summary>
    /// <param name="separators">The bytes to cut at.</param>
    /// <param name="head">What is before it, or all.</param>
    /// <param name="rest">What is behind it, or nothing.</param>
    /// <returns>True when there was one.</returns>
    public bool Cut(ReadOnlySpan<byte> separators, out ConfigField head, out ConfigField rest)
    {
        var at = Text.IndexOfAny(separators);
        head = at < 0 ? this : Slice(0, at);
        rest = (at < 0 ? Slice(length, 0) : Slice(at + 1, length - at - 1)).Anchored();
        return at >= 0;
    }

    private ConfigField Anchored() => new(_line, number, start, length, start, Column);
}
