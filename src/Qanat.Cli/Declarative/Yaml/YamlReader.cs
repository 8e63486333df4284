using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Qanat.Cli.Declarative.Yaml;

/// <summary>
/// Reads one YAML document into nodes. It uses the parser's events alone: the layers above them need reflection, which trimming
/// does not bear.
/// </summary>
internal sealed class YamlReader
{
    // Far deeper than any document of ours; what is deeper would only cost stack.
    private const int MaxDepth = 32;

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Mistakes _mistakes;
    private readonly Dictionary<AnchorName, YamlNode> _anchors = [];

    private YamlReader(TextReader text, Mistakes mistakes)
    {
        (_scanner, _mistakes) = (new(text, skipComments: true), mistakes);
        _parser = new(_scanner);
    }

    /// <summary>Reads a document.</summary>
    /// <returns>Null when the text is empty, or no YAML.</returns>
    public static YamlNode? Read(TextReader text, Mistakes mistakes)
    {
        var reader = new YamlReader(text, mistakes);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException fault)
        {
            // Of a tab the fault says where the mapping around it begins.
            var isTab = fault.Message.Contains("tab as indentation", StringComparison.Ordinal);
            mistakes.Add(At(isTab ? reader._scanner.CurrentPosition : fault.Start), $"this is not YAML: {Sentence(fault.Message)}");
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // What the scanner does with some texts that are broken, instead of saying so.
            mistakes.Add(At(reader._parser.Current?.End ?? Mark.Empty), "this is not YAML: a value is expected after this");
        }
        return null;
    }

    private YamlNode? ReadDocument()
    {
        Next(); // the stream's start
        if (Next() is not DocumentStart)
        {
            _mistakes.Add(new(1, 1), "the file is empty; a mapping with the key \"network\" is expected");
            return null;
        }
        var root = ReadNode(Next(), 0);
        Next(); // the document's end
        if (Next() is DocumentStart second)
            _mistakes.Add(At(second.Start), "a second document begins here; one is expected");
        return root;
    }

    private YamlNode ReadNode(ParsingEvent head, int depth)
    {
        if (depth == MaxDepth)
            throw new YamlException(head.Start, head.End, "it is nested too deep");
        if (head is AnchorAlias alias)
            return _anchors.TryGetValue(alias.Value, out var known)
                ? known
                : throw new YamlException(alias.Start, alias.End, $"there is no anchor \"{alias.Value}\" before this alias");
        YamlNode node = head switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadList(head, depth),
            _ => ReadMap(head, depth),
        };
        if (head is NodeEvent { Anchor.IsEmpty: false } anchored)
            _anchors[anchored.Anchor] = node;
        return node;
    }

    private static YamlScalar ReadScalar(Scalar scalar) =>
        new(scalar is { Style: ScalarStyle.Plain, Value: "null" or "~" } ? "" : scalar.Value, At(scalar.Start));

    private YamlList ReadList(ParsingEvent head, int depth)
    {
        var items = new List<YamlNode>();
        for (var next = Next(); next is not SequenceEnd; next = Next())
            items.Add(ReadNode(next, depth + 1));
        return new(items, At(head.Start));
    }

    private YamlMap ReadMap(ParsingEvent head, int depth)
    {
        var entries = new List<YamlEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var next = Next(); next is not MappingEnd; next = Next())
        {
            var key = ReadNode(next, depth + 1);
            var value = ReadNode(Next(), depth + 1);
            if (key is not YamlScalar name)
                _mistakes.Add(key.Place, $"a key is expected rather than {key.Description}");
            else if (!keys.Add(name.Text))
                _mistakes.Add(name.Place, $"the key \"{name.Text}\" is here a second time; once is expected");
            else
                entries.Add(new(name, value));
        }
        return new(entries, At(head.Start));
    }

    private ParsingEvent Next() => _parser.MoveNext()
        ? _parser.Current!
        : throw new YamlException("it ends too early");

    private static Place At(in Mark mark) => new((int)Math.Max(mark.Line, 1), (int)Math.Max(mark.Column, 1));

    // The parser's sentences begin and end as sentences do; ours goes on.
    private static string Sentence(string message) =>
        message.Length > 1 && char.IsUpper(message[0]) && !char.IsUpper(message[1])
            ? char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.')
            : message.TrimEnd('.');
}
