using Qanat.Daemon.WireGuard.Companions;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>An interface that is to be up: what it is, what surrounds it, and who goes along with it.</summary>
public sealed record InterfaceRun
{
    /// <summary>The interface's name.</summary>
    public required string Name { get; init; }

    /// <summary>What a file of wg-quick says, or would say. Its keys are the run's, which wipes them.</summary>
    public required WgQuickConfig Config { get; init; }

    /// <summary>
    /// The file that it is read from again, and saved to where <see cref="WgQuickConfig.SaveConfig"/> says so; null for none.
    /// </summary>
    public string? File { get; init; }

    /// <summary>The folder that its hooks run in, now and when it goes.</summary>
    public string Folder { get; init; } = "/";

    /// <summary>Who goes along with it, in the order in which they begin.</summary>
    public IReadOnlyList<ICompanion> Companions { get; init; } = [];

    /// <summary>
    /// Whether nothing may leave the host but through the interface, from before it is up until it is taken down by command.
    /// </summary>
    public bool KillSwitch { get; init; }

    /// <summary>Whether it makes post-quantum preshared keys with peers that do so too; the environment may ask for it as well.</summary>
    public bool PostQuantum { get; init; }

    /// <summary>How much it says on standard error once it is up.</summary>
    public LogLevel Level { get; init; } = LogLevel.Error;

    /// <summary>
    /// Hears each step before it is done, <c>[#] ip link set mtu 1420 up dev wg0</c>, and in a line why something cannot be done.
    /// </summary>
    public Action<string> Say { get; init; } = static _ => { };

    /// <summary>Called when all is done: the interface is up, and so is whoever goes along with it.</summary>
    public Action Ready { get; init; } = static () => { };
}
