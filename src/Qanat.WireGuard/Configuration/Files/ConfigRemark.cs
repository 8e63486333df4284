namespace Qanat.WireGuard.Configuration;

/// <summary>Something to say about a file: what is wrong there, or odd. Keys are never shown.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The character in the line, from 1.</param>
/// <param name="Text">What it is, and what to do.</param>
public readonly record struct ConfigRemark(int Line, int Column, string Text)
{
    /// <summary><c>file:line:column: text</c>, as compilers write it.</summary>
    /// <param name="file">The file's name, as it was given.</param>
    public string At(string file) => $"{file}:{Line}:{Column}: {Text}";
}
