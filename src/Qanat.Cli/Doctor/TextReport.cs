using Qanat.Cli.Iproute2;

namespace Qanat.Cli.Doctor;

/// <summary>A report for people: the worst first, what is well in one line.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="palette">Its colours.</param>
/// <param name="verbose">Whether what is well has lines of its own.</param>
internal sealed class TextReport(TextWriter output, Palette palette, bool verbose)
{
    private const int Width = 9; // "warning" and a gap

    /// <summary>Prints a report.</summary>
    public void Print(Report report)
    {
        foreach (var portrait in report.Portraits)
            Print(portrait);
        foreach (var finding in report.Findings)
            if (finding.Severity != Severity.Ok || verbose)
                Print(finding);
        output.Write(Summary(report));
    }

    private void Print(Portrait portrait)
    {
        output.Write($"{palette.Device(portrait.Subject)}\n");
        var width = portrait.Lines.Max(line => line.Name.Length);
        foreach (var (name, value) in portrait.Lines)
            output.Write($"  {name.PadRight(width)}  {value}\n");
        output.Write("\n");
    }

    private void Print(Finding finding)
    {
        var word = finding.Severity.Word();
        output.Write($"{Paint(finding.Severity, word)}{new string(' ', Width - word.Length)}{finding.What}\n");
        if (finding.Why.Length > 0)
            Indent(finding.Why);
        foreach (var way in finding.Do)
            Indent($"-> {way}");
    }

    private void Indent(string text) => output.Write($"{new string(' ', Width)}{text}\n");

    private string Summary(Report report)
    {
        var (blocks, warnings, notes, healthy) =
            (report.Count(Severity.Blocks), report.Count(Severity.Warning), report.Count(Severity.Note), report.Count(Severity.Ok));
        var found = string.Join(", ", new[]
        {
            blocks > 0 ? $"{blocks} blocking" : "",
            warnings > 0 ? $"{warnings} {(warnings == 1 ? "warning" : "warnings")}" : "",
            notes > 0 ? $"{notes} {(notes == 1 ? "note" : "notes")}" : "",
        }.Where(part => part.Length > 0).DefaultIfEmpty("nothing is wrong"));
        return $"{found}, {healthy} ok{(verbose ? "" : " (--verbose lists them)")}\n";
    }

    private string Paint(Severity severity, string word) => severity switch
    {
        Severity.Blocks => palette.Down(word),
        Severity.Warning => palette.Caution(word),
        Severity.Ok => palette.Up(word),
        _ => word,
    };
}
