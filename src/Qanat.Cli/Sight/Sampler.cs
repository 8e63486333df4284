using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Sight;

/// <summary>Takes samples. Whoever hangs holds nobody up for longer than <see cref="Patience"/>.</summary>
/// <param name="interfaces">The WireGuard interfaces.</param>
/// <param name="daemon">The daemon of this network namespace, which is not started.</param>
/// <param name="name">The one interface that is wanted; null for all, and the daemon's tunnels.</param>
/// <param name="time">The clock.</param>
internal sealed class Sampler(InterfaceSockets interfaces, IQanatClient daemon, string? name, TimeProvider time)
{
    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(900);

    private Task<IReadOnlyList<TunnelReport>>? _asking;

    /// <summary>How things are now.</summary>
    public Sample Take()
    {
        if (name is null)
            _asking ??= Task.Run(AskDaemon);
        var answers = interfaces.AskAsync(name is null ? interfaces.Names : [name], Patience).GetAwaiter().GetResult();
        return new(answers, Tunnels(), time.GetTimestamp());
    }

    // A daemon that hangs has no tunnels to show; it is asked again once it has answered.
    private IReadOnlyList<TunnelReport> Tunnels()
    {
        if (_asking is not { } asking || !asking.Wait(Patience))
            return [];
        _asking = null;
        return asking.Result;
    }

    private IReadOnlyList<TunnelReport> AskDaemon()
    {
        try
        {
            return daemon.Status() is null ? [] : daemon.List();
        }
        catch (ApiException)
        {
            return [];
        }
    }
}
