namespace Qanat.Cli.Doctor.Facts;

/// <summary>Which kernel runs, and what it was built with.</summary>
internal sealed record KernelFacts
{
    /// <summary>Its release, as <c>uname -r</c> has it.</summary>
    public string Release { get; init; } = "";

    /// <summary>
    /// The options that it was built with, without <c>CONFIG_</c>: <c>y</c> or <c>m</c>; null when no configuration can be read.
    /// </summary>
    public IReadOnlyDictionary<string, char>? Options { get; init; }

    /// <summary>Whether an option is off for certain.</summary>
    public bool Lacks(string option) => Options is not null && !Options.ContainsKey(option);

    /// <summary>Reads them, the configuration from the first place that has it.</summary>
    public static KernelFacts Read(SystemFiles files)
    {
        var release = files.Read("proc/sys/kernel/osrelease")?.Trim() ?? "";
        var configuration = files.ReadCompressed("proc/config.gz") ?? files.Read($"boot/config-{release}") ??
            files.Read($"lib/modules/{release}/config") ?? files.Read($"lib/modules/{release}/build/.config");
        return new() { Release = release, Options = configuration is null ? null : Parse(configuration) };
    }

    /// <summary>Reads a kernel configuration. A file without a single option is none, and gives null.</summary>
    internal static IReadOnlyDictionary<string, char>? Parse(string configuration)
    {
        const string prefix = "CONFIG_";
        Dictionary<string, char> options = [];
        foreach (var line in configuration.AsSpan().EnumerateLines())
            if (line.StartsWith(prefix) && line.IndexOf('=') is var at && at == line.Length - 2 && line[^1] is 'y' or 'm')
                options[line[prefix.Length..at].ToString()] = line[^1];
        return options.Count > 0 ? options : null;
    }
}
