namespace Qanat.Cli.Iproute2.Links;

/// <summary>Facts that are words in a line or members of a JSON object, as iproute2's <c>print_any</c> has them.</summary>
/// <param name="output">Where the words go.</param>
/// <param name="json">Where the members go instead; null for words.</param>
internal sealed class DetailWriter(TextWriter output, JsonPrinter? json)
{
    /// <summary>The printer of members; null where words are printed.</summary>
    public JsonPrinter? Json => json;

    /// <summary>A fact that is text: <c>remote 192.0.2.1</c>.</summary>
    public void Text(string member, string keyword, string value)
    {
        if (json is null)
            Word(keyword.Length == 0 ? value : $"{keyword} {value}");
        else
            json.String(member, value);
    }

    /// <summary>A fact that is a number.</summary>
    public void Number(string member, string keyword, long value)
    {
        if (json is null)
            Word($"{keyword} {value}");
        else
            json.Number(member, value);
    }

    /// <summary>A fact that holds.</summary>
    public void Flag(string member, string keyword)
    {
        if (json is null)
            Word(keyword);
        else
            json.Bool(member, true);
    }

    /// <summary>A fact that holds or not, told both ways.</summary>
    public void Either(string member, string keyword, bool value)
    {
        if (json is null)
            Word(value ? keyword : "no" + keyword);
        else
            json.Bool(member, value);
    }

    /// <summary>What is told in words alone.</summary>
    public void Word(string text)
    {
        if (json is null)
            output.Write(text + " ");
    }
}
