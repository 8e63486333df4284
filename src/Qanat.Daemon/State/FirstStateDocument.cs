namespace Qanat.Daemon.State;

/// <summary>What the state file held in its first version, whose tunnels were all ipip: read, so that an upgrade loses none.</summary>
internal sealed record FirstStateDocument(int Version, string Boot, ulong Cookie, IReadOnlyList<FirstStateEntry> Tunnels)
{
    /// <summary>The format's version.</summary>
    public const int FirstVersion = 1;

    /// <summary>The same in today's format.</summary>
    public StateDocument Migrate() => new(StateDocument.CurrentVersion, Boot, Cookie, [.. Tunnels.Select(entry => entry?.Migrate()!)]);
}

/// <summary>A tunnel in the first version's file. Addresses are dotted-quad or <c>any</c>.</summary>
internal sealed record FirstStateEntry
{
    public required StatePhase Phase { get; init; }

    public required int Index { get; init; }

    public required string Name { get; init; }

    public required string Mode { get; init; }

    public required string Local { get; init; }

    public required string Remote { get; init; }

    public byte Ttl { get; init; }

    public byte Tos { get; init; }

    public bool Pmtudisc { get; init; }

    public int Link { get; init; }

    public int PendingMtu { get; init; }

    /// <summary>The same in today's format.</summary>
    public StateEntry Migrate() => new()
    {
        Phase = Phase,
        Index = Index,
        Spec = new() { Name = Name, Mode = Mode, Local = Local, Remote = Remote, Ttl = Ttl, Tos = Tos, Pmtudisc = Pmtudisc },
        Link = Link,
        PendingMtu = PendingMtu,
    };
}
