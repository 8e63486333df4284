namespace Qanat.Cli.Declarative.Yaml;

/// <summary>Where something is in a file.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1.</param>
internal readonly record struct Place(int Line, int Column);
