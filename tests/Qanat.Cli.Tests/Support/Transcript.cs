using System.Text;

namespace Qanat.Cli.Tests.Support;

/// <summary>One recorded command.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Answer">Standard output, standard error with "2> " before each line, and the exit code in brackets.</param>
internal sealed record TranscriptCase(string Command, string Answer);

/// <summary>Commands and answers as they were recorded, see Transcripts/README.md.</summary>
internal static class Transcript
{
    public static IReadOnlyList<TranscriptCase> Read(string name)
    {
        var cases = new List<TranscriptCase>();
        string? command = null;
        var answer = new StringBuilder();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Transcripts", name + ".txt")))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                Add();
                command = line[2..];
            }
            else if (line.Length > 0 && !line.StartsWith('#'))
            {
                answer.Append(line).Append('\n');
            }
        }
        Add();
        return cases;

        void Add()
        {
            if (command is not null)
                cases.Add(new(command, answer.ToString()));
            answer.Clear();
        }
    }

    /// <summary>Splits a command line as the shell does, as far as the transcripts need it: words, and words in double quotes.</summary>
    public static string[] Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quoted, any) = (false, false);
        foreach (var c in line)
        {
            if (c == '"')
                (quoted, any) = (!quoted, true);
            else if (c != ' ' || quoted)
                (_, any) = (word.Append(c), true);
            else if (any)
            {
                words.Add(word.ToString());
                (_, any) = (word.Clear(), false);
            }
        }
        if (any)
            words.Add(word.ToString());
        return [.. words];
    }
}
