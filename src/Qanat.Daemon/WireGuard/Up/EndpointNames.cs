using System.Collections.Concurrent;
using System.Globalization;
using Qanat.Daemon.WireGuard.Companions;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// Where peers with names are: asked for before the interface is configured, with patience, and again while a peer that is sent to
/// says nothing, for its address may have changed.
/// </summary>
/// <param name="ask">Asks for a host's addresses.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Takes a line about what is waited for.</param>
internal sealed class EndpointNames(
    Func<string, CancellationToken, Task<NameAnswer>> ask, TimeProvider time, Action<string> say) : ICompanion, IDisposable
{
    // KEEPALIVE-TIMEOUT and REKEY-TIMEOUT: after such a silence the engine itself begins a new handshake.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(15), s_longestPause = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(5);

    // As wg(8) has it.
    private const int Retries = 15;
    private const double FirstDelay = 1, LongestDelay = 20, Growth = 1.2;

    private readonly ConcurrentDictionary<PublicKey, PeerEndpoint> _names = [];
    private readonly Dictionary<PublicKey, Silence> _silent = [];
    private readonly CancellationTokenSource _end = new();
    private Task _watching = Task.CompletedTask;

    /// <summary>Where names led to last, by <c>host</c>. Those that are put in here are taken when nobody can be asked.</summary>
    public ConcurrentDictionary<string, string> Places { get; } = [];

    /// <summary>Remembers which peers have names, and forgets all others.</summary>
    public void Follow(IReadOnlyList<PeerConfig> peers)
    {
        _names.Clear();
        foreach (var peer in peers)
            if (peer.Endpoint is { } endpoint && !endpoint.TryGetAddress(out _, out _))
                _names[peer.PublicKey] = endpoint;
    }

    /// <summary>The name that led to an endpoint, or the endpoint itself.</summary>
    public PeerEndpoint? NameOf(PublicKey peer, PeerEndpoint? endpoint) =>
        _names.TryGetValue(peer, out var name) && endpoint is not null && Places.GetValueOrDefault(name.Host) == endpoint.Host
            ? name
            : endpoint;

    /// <summary>The same change with addresses for names.</summary>
    /// <param name="change">The change.</param>
    /// <param name="isPatient">Whether it is asked again where nobody can be asked yet.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">A name leads nowhere.</exception>
    public async Task<WireGuardChange> ResolveAsync(WireGuardChange change, bool isPatient, CancellationToken cancellation)
    {
        List<PeerChange> peers = [];
        foreach (var peer in change.Peers)
            peers.Add(peer.Endpoint is { } endpoint
                ? peer with { Endpoint = await ResolveAsync(endpoint, isPatient ? Patience() : 0, cancellation).ConfigureAwait(false) }
                : peer);
        return change with { Peers = peers };
    }

    /// <inheritdoc/>
    public Task StartAsync(IRunningInterface running, CancellationToken cancellation)
    {
        _watching = WatchAsync(running);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    /// <summary>Looks at each peer that has a name, and asks for those anew that have been silent for long.</summary>
    internal async Task LookAsync(IRunningInterface running, CancellationToken cancellation)
    {
        if (_names.IsEmpty)
            return;
        using var status = await running.GetStatusAsync().ConfigureAwait(false);
        foreach (var peer in status.Peers)
            if (_names.TryGetValue(peer.Config.PublicKey, out var name) && IsOverdue(peer))
                await AskAgainAsync(running, peer, name, cancellation).ConfigureAwait(false);
    }

    private async Task WatchAsync(IRunningInterface running)
    {
        using var rounds = new PeriodicTimer(s_round, time);
        try
        {
            while (await rounds.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
                await LookAsync(running, _end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
    }

    // Silent since it was first sent to without an answer: whoever is sent to answers within KEEPALIVE-TIMEOUT.
    private bool IsOverdue(PeerStatus peer)
    {
        var now = time.GetTimestamp();
        if (!_silent.TryGetValue(peer.Config.PublicKey, out var silence) || peer.RxBytes != silence.RxBytes)
            _silent[peer.Config.PublicKey] = silence = new(peer.TxBytes, peer.RxBytes, null, s_silence);
        if (silence.Since is null && (peer.TxBytes > silence.TxBytes || peer.LastHandshake is null && peer.TxBytes > 0))
            _silent[peer.Config.PublicKey] = silence with { Since = now };
        if (silence.Since is not { } since || time.GetElapsedTime(since, now) < silence.Patience)
            return false;
        var patience = TimeSpan.FromTicks(Math.Min(s_longestPause.Ticks, silence.Patience.Ticks * 2));
        _silent[peer.Config.PublicKey] = new(peer.TxBytes, peer.RxBytes, null, patience); // Who is not sent to is not asked for.
        return true;
    }

    private async Task AskAgainAsync(IRunningInterface running, PeerStatus peer, PeerEndpoint name, CancellationToken cancellation)
    {
        var answer = await ask(name.Host, cancellation).ConfigureAwait(false);
        if (answer.Addresses.Count == 0)
        {
            running.Log(LogLevel.Error, $"{peer.Config.PublicKey} is silent, and {name.Host} cannot be looked up: {answer.Error}");
            return;
        }
        var next = Next(answer, peer.Config.Endpoint, PortOf(name));
        if (next == peer.Config.Endpoint)
            return;
        Places[name.Host] = next.Host;
        running.Log(LogLevel.Verbose, $"{peer.Config.PublicKey} is silent, and {name.Host} is at {next} now");
        var change = new PeerChange(peer.Config.PublicKey) { UpdateOnly = true, Endpoint = next };
        await running.ApplyAsync(new() { Peers = [change] }).ConfigureAwait(false);
    }

    // The first; but where it has been in vain, the one behind it.
    private static PeerEndpoint Next(NameAnswer answer, PeerEndpoint? current, ushort port)
    {
        PeerEndpoint[] all = [.. answer.Addresses.Select(address => PeerEndpoint.From(IpAddress.From(address), port))];
        return all[current is null ? 0 : (Array.IndexOf(all, current) + 1) % all.Length];
    }

    private async Task<PeerEndpoint> ResolveAsync(PeerEndpoint endpoint, int retries, CancellationToken cancellation)
    {
        var port = PortOf(endpoint);
        if (endpoint.TryGetAddress(out _, out _))
            return endpoint with { Service = port.ToString(CultureInfo.InvariantCulture) };
        var delay = FirstDelay;
        for (var left = retries; ; left--)
        {
            var answer = await ask(endpoint.Host, cancellation).ConfigureAwait(false);
            if (answer.Addresses is [var first, ..])
            {
                var found = PeerEndpoint.From(IpAddress.From(first), port);
                Places[endpoint.Host] = found.Host;
                return found;
            }
            if (Places.TryGetValue(endpoint.Host, out var known) && IpAddress.TryParse(known, out var address))
                return PeerEndpoint.From(address, port);
            if (!answer.IsTemporary || left <= 0)
                throw new IOException($"{answer.Error}: `{endpoint}'");
            say(string.Create(
                CultureInfo.InvariantCulture, $"{answer.Error}: `{endpoint}'. Trying again in {delay:0.00} seconds..."));
            await Task.Delay(TimeSpan.FromSeconds(delay), time, cancellation).ConfigureAwait(false);
            delay = Math.Min(LongestDelay, delay * Growth);
        }
    }

    // WG_ENDPOINT_RESOLUTION_RETRIES, as wg(8) has it: a number, or "infinity".
    private static int Patience() => Environment.GetEnvironmentVariable("WG_ENDPOINT_RESOLUTION_RETRIES") switch
    {
        "infinity" => int.MaxValue,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        _ => Retries,
    };

    private static ushort PortOf(PeerEndpoint endpoint) =>
        endpoint.TryGetPort(out var port) ? port
        : NameLookup.PortOf(endpoint.Service) ?? throw new IOException($"Servname not supported for ai_socktype: `{endpoint}'");

    private readonly record struct Silence(ulong TxBytes, ulong RxBytes, long? Since, TimeSpan Patience);
}
