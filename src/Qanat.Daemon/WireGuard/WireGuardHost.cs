using System.Globalization;
using System.Runtime.InteropServices;
using Qanat.Crypto;
using Qanat.Daemon.Control;
using Qanat.Linux;
using Qanat.Linux.Privileges;
using Qanat.Packets;

namespace Qanat.Daemon.WireGuard;

/// <summary>What a WireGuard interface is started with: a name, and the environment that wireguard-go has.</summary>
public sealed record WireGuardHostOptions
{
    /// <summary>The interface's name.</summary>
    public required string Name { get; init; }

    /// <summary>How much it says on standard error (<c>LOG_LEVEL</c>).</summary>
    public LogLevel Level { get; init; } = LogLevel.Error;

    /// <summary>An open descriptor of a TUN device to be used in place of a new one (<c>WG_TUN_FD</c>).</summary>
    public int? TunDescriptor { get; init; }

    /// <summary>An open descriptor of a listening Unix socket to be used in place of a new one (<c>WG_UAPI_FD</c>).</summary>
    public int? UapiDescriptor { get; init; }

    /// <summary>
    /// Whether post-quantum preshared keys are wanted, though the environment does not say so (<c>QANAT_POST_QUANTUM</c>).
    /// </summary>
    public bool PostQuantum { get; init; }

    /// <summary>Called when the interface exists, and its socket takes calls.</summary>
    public Action Ready { get; init; } = static () => { };

    /// <summary>Reads the environment.</summary>
    /// <exception cref="FormatException">A variable makes no sense.</exception>
    public static WireGuardHostOptions FromEnvironment(string name) => new()
    {
        Name = name,
        Level = Environment.GetEnvironmentVariable("LOG_LEVEL") switch
        {
            "verbose" or "debug" => LogLevel.Verbose,
            "silent" => LogLevel.Silent,
            _ => LogLevel.Error,
        },
        TunDescriptor = Descriptor("WG_TUN_FD"),
        UapiDescriptor = Descriptor("WG_UAPI_FD"),
    };

    private static int? Descriptor(string variable) =>
        Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{variable}: \"{text}\" is no descriptor's number");
}

/// <summary>A WireGuard interface's life, from its device to the last of its files.</summary>
public static class WireGuardHost
{
    /// <summary>True for what an interface may be called: what the kernel takes as a device's name.</summary>
    public static bool IsName(string name) => TunnelNames.IsValid(name);

    /// <summary>
    /// Makes the interface, and keeps it until SIGTERM, SIGINT, SIGHUP or <paramref name="cancellation"/>, or until the device or the
    /// socket's file is removed. Nothing is left behind.
    /// </summary>
    /// <returns>The exit code: 0, or 1 when it could not begin, or not go on; one line on standard error says why.</returns>
    public static async Task<int> RunAsync(WireGuardHostOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminate = OnSignal(PosixSignal.SIGTERM, stop);
        using var interrupt = OnSignal(PosixSignal.SIGINT, stop);
        using var hangUp = OnSignal(PosixSignal.SIGHUP, stop);
        var log = DaemonLog.ToStandardError();
        try
        {
            return await KeepAsync(options, new(options.Name, options.Level, log), stop.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (
            fault is IOException or UnauthorizedAccessException or ArgumentException or CryptoException or PortClosedException)
        {
            log.Write($"{options.Name}: {Explain(fault)}");
            return 1;
        }
    }

    private static async Task<int> KeepAsync(WireGuardHostOptions options, WireGuardLog log, CancellationToken stop)
    {
        await using var served = ServedInterface.Open(options, log);
        if (served.Remark is { } remark)
            log.Error(remark);
        options.Ready();
        var reason = await served.WaitAsync(stop).ConfigureAwait(false);
        log.Verbose($"ends; garbage was collected {GC.CollectionCount(0)} times");
        if (reason is null or PortClosedException)
            return 0;
        log.Error(reason.Message);
        return 1;
    }

    // Of what tunnels may lack, this one needs no raw sockets.
    internal static string Explain(Exception fault) =>
        fault is LinuxException { Error: Errno.EPERM or Errno.EACCES or Errno.ENOENT or Errno.ENODEV } &&
        Preflight.Missing().FirstOrDefault(line => !line.StartsWith("CAP_NET_RAW", StringComparison.Ordinal)) is { } missing
            ? missing
            : fault.Message;

    internal static PosixSignalRegistration OnSignal(PosixSignal signal, CancellationTokenSource stop) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true; // the end of the process is ours to bring about
            stop.Cancel();
        });
}
