namespace Qanat.WireGuard.Configuration;

/// <summary>What came of reading a file.</summary>
public sealed record ConfigReading
{
    /// <summary>As many mistakes, and as many warnings, are described; whoever made more begins with these.</summary>
    public const int MostMistakes = 10;

    /// <summary>The file, or null when there is any mistake in it.</summary>
    public WgQuickConfig? Config { get; init; }

    /// <summary>The first mistakes, in the order of the file.</summary>
    public IReadOnlyList<ConfigRemark> Mistakes { get; init; } = [];

    /// <summary>Mistakes beyond those described.</summary>
    public int MoreMistakes { get; init; }

    /// <summary>What is allowed, but hardly meant: the first of it, in the order of the file.</summary>
    public IReadOnlyList<ConfigRemark> Warnings { get; init; } = [];
}
