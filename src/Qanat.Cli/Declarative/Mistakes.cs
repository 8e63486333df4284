using Qanat.Cli.Declarative.Yaml;
using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Declarative;

/// <summary>What is wrong with a file: a line each, with its place.</summary>
/// <param name="file">The file's name, as it was given.</param>
internal sealed class Mistakes(string file)
{
    // Whoever made more mistakes than fit on a screen begins with the first.
    private const int MaxLines = 20;

    private readonly List<(Place Place, string Text)> _found = [];

    /// <summary>How many there are.</summary>
    public int Count => _found.Count;

    /// <summary>Notes a mistake.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="text">What is wrong, and what is expected.</param>
    public void Add(Place place, string text) => _found.Add((place, text));

    /// <summary>Notes a value that is not what its key expects.</summary>
    /// <param name="node">The value.</param>
    /// <param name="key">Its key, or what it is an item of.</param>
    /// <param name="expected">What is expected.</param>
    public void Expect(YamlNode node, string key, string expected) =>
        Add(node.Place, $"{key}: {expected} is expected rather than {node.Description}");

    /// <summary>Ends the command when there are any.</summary>
    /// <exception cref="CommandFailure">There are.</exception>
    public void Check()
    {
        if (_found.Count == 0)
            return;
        var lines = _found.OrderBy(mistake => mistake.Place.Line).ThenBy(mistake => mistake.Place.Column).Take(MaxLines)
            .Select(mistake => $"{file}:{mistake.Place.Line}:{mistake.Place.Column}: {mistake.Text}");
        if (_found.Count > MaxLines)
            lines = lines.Append($"{file}: and {_found.Count - MaxLines} more");
        throw CommandFailure.Refusal(string.Join('\n', lines));
    }
}
