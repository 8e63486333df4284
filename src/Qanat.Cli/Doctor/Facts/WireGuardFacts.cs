using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>The WireGuard interfaces of the network namespace.</summary>
/// <param name="Interfaces">What they answered.</param>
/// <param name="Now">When they were asked.</param>
internal sealed record WireGuardFacts(IReadOnlyList<InterfaceAnswer> Interfaces, DateTimeOffset Now)
{
    // One that is well answers in milliseconds, unless the machine has no time for it.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>None.</summary>
    public static WireGuardFacts None { get; } = new([], DateTimeOffset.UnixEpoch);

    /// <summary>Asks them.</summary>
    /// <param name="sockets">Where they are.</param>
    /// <param name="networkNamespace">The namespace's inode.</param>
    public static WireGuardFacts Read(InterfaceSockets sockets, ulong networkNamespace)
    {
        var answers = sockets.AskAsync(sockets.Names, s_patience).GetAwaiter().GetResult();
        return new([.. answers.Where(answer => answer.Namespace == networkNamespace)], DateTimeOffset.UtcNow);
    }
}
