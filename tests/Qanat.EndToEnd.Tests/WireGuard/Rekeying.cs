using System.Globalization;
using Qanat.Testing;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>
/// A tunnel that is watched over the change of its keys, which comes 120 s after they were made (REKEY_AFTER_TIME): echo requests
/// go through it all the while, 20 a second, and each must come back.
/// </summary>
internal sealed class Rekeying : IDisposable
{
    /// <summary>Echo requests: six seconds' more than keys are used.</summary>
    public const int Pings = 126 * 20;

    private readonly IDisposable _tunnel;
    private readonly Func<string> _latestHandshake;
    private readonly Task<CommandResult> _pings;
    private readonly long _began;

    /// <summary>Begins: a first packet makes the keys, and then the requests go.</summary>
    /// <param name="name">What it is, for the failure.</param>
    /// <param name="tunnel">The tunnel, which is disposed with this.</param>
    /// <param name="run">Runs a line of shell at the end that begins, in so many seconds.</param>
    /// <param name="address">The other end's address inside.</param>
    /// <param name="latestHandshake">What <c>wg show latest-handshakes</c> says at the end that begins, of its one peer.</param>
    public Rekeying(string name, IDisposable tunnel, Func<string, int, CommandResult> run, string address, Func<string> latestHandshake)
    {
        (Name, _tunnel, _latestHandshake) = (name, tunnel, latestHandshake);
        _ = run($"ping -c 1 -W 5 {address}", 10).Required;
        _began = LatestHandshake;
        _pings = Task.Factory.StartNew(() => run($"ping -q -c {Pings} -i 0.05 -W 5 {address}", 240), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What it is.</summary>
    public string Name { get; }

    /// <summary>Between two of qanat-wg or wireguard-go.</summary>
    public static Rekeying Between(string initiator, string responder)
    {
        var pair = new WireGuardPair(initiator, responder);
        return new($"{initiator} to {responder}", pair, (command, seconds) => pair.A.Host.Run(command, TimeSpan.FromSeconds(seconds)),
            WireGuardPair.InnerB, () => pair.A.Show("latest-handshakes"));
    }

    /// <summary>Waits for the last, and says how it went: as it should is <c>NAME: all came back, under new keys</c>.</summary>
    public async Task<string> EndAsync()
    {
        var said = await _pings;
        var summary = said.Output.Split('\n').FirstOrDefault(line => line.Contains(" received", StringComparison.Ordinal)) ?? said.Error;
        var all = summary.StartsWith($"{Pings} packets transmitted, {Pings} received, 0%", StringComparison.Ordinal);
        var age = LatestHandshake - _began;
        return $"{Name}: {(all ? "all came back" : summary)}, under {(age >= 119 ? "new keys" : $"keys made after {age} s")}";
    }

    /// <inheritdoc/>
    public void Dispose() => _tunnel.Dispose();

    private long LatestHandshake => long.Parse(_latestHandshake().Split('\t')[1], CultureInfo.InvariantCulture);
}
