using System.Net;
using System.Net.Sockets;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>What came of asking for a name.</summary>
/// <param name="Addresses">The addresses, the one to be preferred first; none when there are none.</param>
/// <param name="Error">Why there are none; an empty string when there are.</param>
/// <param name="IsTemporary">True when it may be asked for again: nobody could be asked.</param>
internal readonly record struct NameAnswer(IReadOnlyList<IPAddress> Addresses, string Error = "", bool IsTemporary = false);

/// <summary>Looks names up as programs of this host do (getaddrinfo(3)), and services.</summary>
internal static class NameLookup
{
    /// <summary>Asks for a host's addresses.</summary>
    public static async Task<NameAnswer> AskAsync(string host, CancellationToken cancellation)
    {
        try
        {
            var found = await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
            return found.Length > 0 ? new(found) : new([], "No address associated with hostname");
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode switch
            {
                SocketError.HostNotFound => new([], "Name or service not known"),
                SocketError.NoData => new([], "No address associated with hostname"),
                _ => new([], "Temporary failure in name resolution", IsTemporary: true),
            };
        }
    }

    /// <summary>The port of a UDP service, by its name in /etc/services; null when it has none there.</summary>
    public static ushort? PortOf(string service)
    {
        const string services = "/etc/services";
        if (!File.Exists(services))
            return null;
        foreach (var line in File.ReadLines(services))
            if (line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var name, var port, .. var aliases] &&
                (name == service || aliases.Contains(service)) && port.EndsWith("/udp", StringComparison.Ordinal) &&
                ushort.TryParse(port.AsSpan(0, port.Length - "/udp".Length), out var number))
                return number;
        return null;
    }
}
