namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>Why an interface does not say how it fares.</summary>
public enum Silence
{
    /// <summary>It does.</summary>
    None,

    /// <summary>Nobody listens: the socket is left of a process that was killed.</summary>
    Abandoned,

    /// <summary>The socket is another user's.</summary>
    Forbidden,

    /// <summary>As many listen to its events as may.</summary>
    Busy,

    /// <summary>It takes too long, or hangs up.</summary>
    NoAnswer,

    /// <summary>It is another implementation, which has no events to tell.</summary>
    NoEvents,

    /// <summary>What it says makes no sense.</summary>
    Nonsense,
}

/// <summary>What came of asking an interface.</summary>
/// <param name="Interface">The interface's name.</param>
/// <param name="Report">How it fares; null when it does not say.</param>
/// <param name="Silence">Why it does not.</param>
/// <param name="Namespace">The inode of the network namespace that it is in; null when that is not known.</param>
public sealed record InterfaceAnswer(string Interface, InterfaceReport? Report, Silence Silence, ulong? Namespace)
{
    /// <summary>Why it does not say how it fares, for people; empty when it does.</summary>
    public string Reason => Silence switch
    {
        Silence.Abandoned => "its socket is there, but no process: it was killed",
        Silence.Forbidden => "its socket is another user's: run as root",
        Silence.Busy => "as many listen to it as may",
        Silence.NoAnswer => "it does not answer",
        Silence.NoEvents => "it tells no events: it is not Qanat",
        Silence.Nonsense => "what it answers makes no sense",
        _ => "",
    };
}
