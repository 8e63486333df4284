namespace Qanat.Cli.Doctor;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    /// <summary>Nothing is wrong.</summary>
    Ok,

    /// <summary>Worth knowing: it may be meant so.</summary>
    Note,

    /// <summary>Some packets or commands will fail, or do so already.</summary>
    Warning,

    /// <summary>Nothing of the kind works until it is mended.</summary>
    Blocks,
}

/// <summary>Words for severities.</summary>
internal static class SeverityWords
{
    /// <summary>As the reports have it.</summary>
    public static string Word(this Severity severity) => severity switch
    {
        Severity.Blocks => "blocks",
        Severity.Warning => "warning",
        Severity.Note => "note",
        _ => "ok",
    };
}
