namespace Qanat.Cli.Iproute2;

/// <summary>A command's words, read one after the other.</summary>
internal sealed class Words(IReadOnlyList<string> words)
{
    private int _next;

    /// <summary>Moves on to the next word; false at the end.</summary>
    public bool MoveNext() => _next++ < words.Count;

    /// <summary>True when another word follows the current one.</summary>
    public bool HasNext => _next < words.Count;

    /// <summary>Moves back, so that the next move leads to the current word again.</summary>
    public void MoveBack() => _next--;

    /// <summary>The word that was moved to.</summary>
    public string Current => words[_next - 1];

    /// <summary>Moves on to the value of the keyword that is the current word.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public string Value() => MoveNext() ? Current : throw CommandFailure.Incomplete();

    /// <summary>
    /// True when <paramref name="word"/> is a beginning of <paramref name="full"/>, or all of it. The empty word is none.
    /// </summary>
    public static bool Abbreviates(string word, string full) => word.Length > 0 && full.StartsWith(word, StringComparison.Ordinal);
}
