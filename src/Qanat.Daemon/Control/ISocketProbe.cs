using System.Net;
using System.Net.Sockets;
using Qanat.Linux;
using Qanat.Packets;

namespace Qanat.Daemon.Control;

/// <summary>Whether an address is this host's, and a port of it free.</summary>
internal interface ISocketProbe
{
    /// <summary>Binds a UDP socket, and lets it go again.</summary>
    /// <param name="local">The address.</param>
    /// <param name="port">The port; 0 for any.</param>
    /// <exception cref="LinuxException">EADDRNOTAVAIL: not an address of this host. EADDRINUSE: the port is taken.</exception>
    void Check(IpAddress local, int port);
}

/// <summary>Asks the kernel.</summary>
internal sealed class SocketProbe : ISocketProbe
{
    /// <inheritdoc/>
    public void Check(IpAddress local, int port)
    {
        var address = local.ToIPAddress();
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException fault)
        {
            throw new LinuxException($"bind to {local} port {port}", fault.NativeErrorCode);
        }
    }
}
