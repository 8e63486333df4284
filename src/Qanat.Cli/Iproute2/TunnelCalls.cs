using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2;

/// <summary>Calls to the daemon whose refusals become iproute2's texts.</summary>
internal sealed class TunnelCalls(IQanatClient tunnels)
{
    /// <summary>Makes a call: <c>add tunnel "tunl0" failed: File exists</c>.</summary>
    /// <param name="what">What it does.</param>
    /// <param name="device">The device that the text names.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="CommandFailure">It was refused.</exception>
    public void Attempt(string what, string device, Action<IQanatClient> call) => Attempt(what, device, tunnels =>
    {
        call(tunnels);
        return true;
    });

    /// <summary>The tunnel of a name.</summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public TunnelReport Get(string name) => Attempt("get", name, tunnels => tunnels.Get(name));

    /// <summary>Every tunnel, by interface index.</summary>
    /// <exception cref="CommandFailure">The daemon cannot be asked.</exception>
    public IReadOnlyList<TunnelReport> List()
    {
        try
        {
            List<TunnelReport> list = [.. tunnels.List()];
            list.Sort((left, right) => left.Index.CompareTo(right.Index));
            return list;
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal(WithHint($"Cannot list tunnels: {refused.Message}", refused));
        }
    }

    /// <summary>The name of the tunnel that a request without one describes; null when there is none.</summary>
    public string? Find(TunnelRequest request) =>
        List().FirstOrDefault(tunnel => request.Identifies(TunnelRequest.From(tunnel.Spec)))?.Spec.Name;

    /// <summary>
    /// The same, for what changes or removes it. Without local and remote the fallback device is meant, which is the base
    /// device itself.
    /// </summary>
    /// <exception cref="CommandFailure">There is none.</exception>
    public string Identify(TunnelRequest request, string what, string baseDevice)
    {
        if (Find(request) is { } name)
            return name;
        return request.Remote.IsAny && request.Local.IsAny && request.Dev is null
            ? baseDevice
            : throw CommandFailure.Refusal($"{what} tunnel \"{baseDevice}\" failed: {Errno.Text(Errno.ENOENT)}");
    }

    /// <summary>The refusal for a device that is no tunnel, or is not there.</summary>
    public static CommandFailure Absent(string what, string name, Func<string, bool> deviceExists)
    {
        var errno = deviceExists(name) ? Errno.EOPNOTSUPP : Errno.ENODEV;
        return CommandFailure.Refusal($"{what} tunnel \"{name}\" failed: {Errno.Text(errno)}");
    }

    private T Attempt<T>(string what, string device, Func<IQanatClient, T> call)
    {
        try
        {
            return call(tunnels);
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal(WithHint($"{what} tunnel \"{device}\" failed: {refused.Message}", refused));
        }
    }

    private static string WithHint(string text, ApiException refused) => refused.Hint is null ? text : $"{text}\n{refused.Hint}";
}
