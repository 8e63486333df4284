namespace Qanat.Cli.Declarative;

/// <summary>Finds the word that was meant.</summary>
internal static class Spelling
{
    /// <summary>
    /// The word nearest to another: one that begins with it, else by the number of letters to insert, leave out or replace (Levenshtein).
    /// </summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What may be written, at least one.</param>
    public static string Nearest(string word, IEnumerable<string> known) =>
        known.MinBy(candidate =>
            (!candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase), Distance(word.ToLowerInvariant(), candidate)))!;

    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
