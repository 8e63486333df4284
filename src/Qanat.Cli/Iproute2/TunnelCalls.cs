using Qanat.Cli.Client;
using Qanat.Daemon.Api;
using Qanat.Linux;

namespace Qanat.Cli.Iproute2;

/// <summary>Calls to the daemon whose refusals become iproute2's texts.</summary>
/// <param name="tunnels">The daemon.</param>
/// <param name="shows">Whether tunnels of a mode are among those that this command shows. To the rest it is blind.</param>
internal sealed class TunnelCalls(IQanatClient tunnels, Func<string, bool> shows)
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
    public TunnelReport Get(string name) => Attempt("get", name, tunnels =>
    {
        var tunnel = tunnels.Get(name);
        return shows(tunnel.Spec.Mode) ? tunnel : throw new ApiException(Errno.EOPNOTSUPP);
    });

    /// <summary>Every tunnel, by interface index.</summary>
    /// <exception cref="CommandFailure">The daemon cannot be asked.</exception>
    public IReadOnlyList<TunnelReport> List()
    {
        try
        {
            List<TunnelReport> list = [.. tunnels.List().Where(tunnel => shows(tunnel.Spec.Mode))];
            list.Sort((left, right) => left.Index.CompareTo(right.Index));
            return list;
        }
        catch (ApiException refused)
        {
            throw CommandFailure.Refusal(WithHint($"Cannot list tunnels: {refused.Message}", refused));
        }
    }

    /// <summary>The name of the tunnel that a command without one describes; null when there is none.</summary>
    public string? Find(Func<TunnelSpec, bool> identifies) => List().FirstOrDefault(tunnel => identifies(tunnel.Spec))?.Spec.Name;

    /// <summary>The same, for what changes or removes it.</summary>
    /// <param name="identifies">Whether it is this one.</param>
    /// <param name="fallback">Whether the words that describe nothing mean the fallback device, which is the base device.</param>
    /// <param name="what">What is done.</param>
    /// <param name="baseDevice">The device that the text names.</param>
    /// <exception cref="CommandFailure">There is none.</exception>
    public string Identify(Func<TunnelSpec, bool> identifies, bool fallback, string what, string baseDevice)
    {
        if (Find(identifies) is { } name)
            return name;
        return fallback ? baseDevice : throw NotFound(what, baseDevice);
    }

    /// <summary>No tunnel is the one that the words describe.</summary>
    public static CommandFailure NotFound(string what, string device) =>
        CommandFailure.Refusal($"{what} tunnel \"{device}\" failed: {Errno.Text(Errno.ENOENT)}");

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
