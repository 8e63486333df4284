using System.Net.Sockets;
using System.Text;

namespace Qanat.Daemon.Lifecycle;

/// <summary>Tells systemd how the service is doing (sd_notify(3)), when it asked to be told.</summary>
/// <param name="address">The value of <c>NOTIFY_SOCKET</c>: a path, or <c>@name</c> for an abstract socket; null for nobody.</param>
internal sealed class SystemdNotifier(string? address)
{
    /// <summary>The one whom the environment names.</summary>
    public static SystemdNotifier FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>Sends assignments, one a line: <c>READY=1</c>. Whether anyone listens does not matter to us.</summary>
    public void Send(params ReadOnlySpan<string> assignments)
    {
        if (string.IsNullOrEmpty(address) || address[0] is not ('/' or '@'))
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', assignments)),
                new UnixDomainSocketEndPoint(address[0] == '@' ? $"\0{address.AsSpan(1)}" : address));
        }
        catch (SocketException)
        {
        }
    }
}
