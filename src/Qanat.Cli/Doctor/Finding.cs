namespace Qanat.Cli.Doctor;

/// <summary>What a check has to say.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Name">Its name, in kebab-case, by which docs/doctor.md explains it.</param>
/// <param name="What">What is the case: a clause without a full stop.</param>
/// <param name="Why">Why that matters: a clause without a full stop; empty when nothing is wrong.</param>
internal sealed record Finding(Severity Severity, string Name, string What, string Why = "")
{
    /// <summary>The device that it is about; null when it is about the machine, or the namespace.</summary>
    public string? Device { get; init; }

    /// <summary>What to do, one way a line, each beginning with the command to run or a sentence.</summary>
    public IReadOnlyList<string> Do { get; init; } = [];

    /// <summary>Nothing works until this is mended.</summary>
    public static Finding Blocks(string name, string what, string why) => new(Severity.Blocks, name, what, why);

    /// <summary>Something does not work.</summary>
    public static Finding Warning(string name, string what, string why) => new(Severity.Warning, name, what, why);

    /// <summary>It may be meant so.</summary>
    public static Finding Note(string name, string what, string why) => new(Severity.Note, name, what, why);

    /// <summary>All is well, and this is how.</summary>
    public static Finding Ok(string name, string what) => new(Severity.Ok, name, what);

    /// <summary>The same, about a device.</summary>
    public Finding About(string device) => this with { Device = device };

    /// <summary>The same, with what to do about it.</summary>
    public Finding ToDo(params string[] ways) => this with { Do = ways };
}
