using System.Globalization;

namespace Qanat.Cli.Iproute2;

/// <summary>
/// JSON laid out as iproute2 lays it out, line ends and spaces included: an array's elements follow one another, the members of an
/// object have lines of their own when it is indented.
/// </summary>
/// <param name="output">Where it goes.</param>
/// <param name="pretty">Whether it is indented.</param>
internal sealed class JsonPrinter(TextWriter output, bool pretty)
{
    private int _depth;
    private bool _separate; // a comma comes before the next thing

    /// <summary>Begins an array, the value of <paramref name="name"/> if it has one.</summary>
    public void BeginArray(string? name = null)
    {
        if (name is not null)
            Name(name);
        Begin('[');
        if (pretty)
            output.Write(' ');
    }

    /// <summary>Ends an array.</summary>
    public void EndArray()
    {
        if (pretty && _separate)
            output.Write(' ');
        _separate = false;
        End(']');
    }

    /// <summary>Begins an object, the value of <paramref name="name"/> if it has one.</summary>
    public void BeginObject(string? name = null)
    {
        if (name is not null)
            Name(name);
        Begin('{');
    }

    /// <summary>Ends an object.</summary>
    public void EndObject() => End('}');

    /// <summary>A member that is text.</summary>
    public void String(string name, string value)
    {
        Name(name);
        Separate();
        Quote(value);
    }

    /// <summary>An element that is text.</summary>
    public void Element(string value)
    {
        Separate();
        Quote(value);
    }

    /// <summary>A member that is a number.</summary>
    public void Number(string name, long value)
    {
        Name(name);
        Separate();
        output.Write(value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A member that is true or false.</summary>
    public void Bool(string name, bool value)
    {
        Name(name);
        Separate();
        output.Write(value ? "true" : "false");
    }

    /// <summary>A member that is null: a flag that is set.</summary>
    public void Null(string name)
    {
        Name(name);
        Separate();
        output.Write("null");
    }

    private void Name(string name)
    {
        Separate();
        EndLine();
        Quote(name);
        output.Write(pretty ? ": " : ":");
        _separate = false;
    }

    private void Begin(char bracket)
    {
        Separate();
        output.Write(bracket);
        _depth++;
        _separate = false;
    }

    private void End(char bracket)
    {
        _depth--;
        if (_separate)
            EndLine();
        output.Write(bracket);
        _separate = true;
    }

    private void Separate()
    {
        if (_separate)
            output.Write(',');
        _separate = true;
    }

    private void EndLine()
    {
        if (!pretty)
            return;
        output.Write('\n');
        for (var i = 0; i < _depth; i++)
            output.Write("    ");
    }

    private void Quote(string text)
    {
        output.Write('"');
        foreach (var c in text)
            output.Write(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        output.Write('"');
    }
}
