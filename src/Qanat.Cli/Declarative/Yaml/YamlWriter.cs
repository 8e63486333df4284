using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Qanat.Cli.Declarative.Yaml;

/// <summary>Writes nodes as YAML in blocks, as YAML in a line, and as JSON.</summary>
internal static class YamlWriter
{
    /// <summary>A document, a line for each scalar, indented by two.</summary>
    public static void WriteBlock(TextWriter output, YamlNode node) => WriteBlock(output, node, 0, inList: false);

    /// <summary>A node in one line: <c>{type: fou, port: 5555}</c>. A scalar is as it is, for people.</summary>
    public static string Line(YamlNode node) => node is YamlScalar scalar ? scalar.Text : Flow(node);

    /// <summary>True when two nodes say something else; null says nothing.</summary>
    public static bool Differ(YamlNode? left, YamlNode? right) =>
        (left is null ? null : Line(left)) != (right is null ? null : Line(right));

    /// <summary>A document as JSON. Numbers and truth values are such.</summary>
    public static string Json(YamlNode node)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(stream, options))
            WriteJson(json, node);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    /// <summary>A node as JSON, inside a greater whole.</summary>
    public static void WriteJson(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                json.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    json.WritePropertyName(key.Text);
                    WriteJson(json, value);
                }
                json.WriteEndObject();
                break;
            case YamlList list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                    WriteJson(json, item);
                json.WriteEndArray();
                break;
            case YamlScalar { Text: "true" or "false" } truth:
                json.WriteBooleanValue(truth.Text == "true");
                break;
            case YamlScalar scalar when IsNumber(scalar.Text):
                json.WriteRawValue(scalar.Text);
                break;
            case YamlScalar scalar:
                json.WriteStringValue(scalar.Text);
                break;
        }
    }

    // inList: the first line goes on behind a dash, which stands where the indentation would.
    private static void WriteBlock(TextWriter output, YamlNode node, int indent, bool inList)
    {
        switch (node)
        {
            case YamlMap map:
                foreach (var (key, value) in map.Entries)
                {
                    Indent(output, inList ? 0 : indent);
                    inList = false;
                    output.Write(Quoted(key.Text));
                    output.Write(':');
                    WriteValue(output, value, indent + 2);
                }
                break;
            case YamlList list:
                foreach (var item in list.Items)
                {
                    Indent(output, indent);
                    output.Write('-');
                    if (item is YamlMap { Entries.Count: > 0 })
                    {
                        output.Write(' ');
                        WriteBlock(output, item, indent + 2, inList: true);
                    }
                    else
                    {
                        WriteValue(output, item, indent + 2);
                    }
                }
                break;
        }
    }

    private static void WriteValue(TextWriter output, YamlNode value, int indent)
    {
        if (value is YamlScalar or YamlMap { Entries.Count: 0 } or YamlList { Items.Count: 0 })
        {
            output.Write(' ');
            output.Write(Flow(value));
            output.Write('\n');
            return;
        }
        output.Write('\n');
        WriteBlock(output, value, indent, inList: false);
    }

    private static string Flow(YamlNode node) => node switch
    {
        YamlMap map => $"{{{string.Join(", ", map.Entries.Select(entry => $"{Quoted(entry.Key.Text)}: {Flow(entry.Value)}"))}}}",
        YamlList list => $"[{string.Join(", ", list.Items.Select(Flow))}]",
        _ => Quoted(((YamlScalar)node).Text),
    };

    private static void Indent(TextWriter output, int columns)
    {
        for (var i = 0; i < columns; i++)
            output.Write(' ');
    }

    private static bool IsNumber(string text) =>
        text is "0" || (text is [>= '1' and <= '9', ..] && text.Length <= 10 && text.All(char.IsAsciiDigit));

    // Plain where no reader of YAML, old or new, can take it for anything else.
    private static string Quoted(string text) =>
        text.Length > 0 && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '_') && text.All(IsPlain) && !IsReserved(text)
            ? text
            : $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '/' or '-' or '+';

    private static bool IsReserved(string text) => text.ToUpperInvariant() is "NULL" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N";
}
