using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Qanat.Testing;
using Qanat.WireGuard;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>Somebody on a host who sends whatever there is to a WireGuard port, and looks at what comes back.</summary>
internal sealed class Stranger : IDisposable
{
    private readonly Socket _socket;
    private readonly IPEndPoint _target;
    private readonly byte[] _answer = new byte[2048];

    /// <summary>Opens a socket on a host, on a port that nobody knows.</summary>
    public Stranger(TestNamespace host, string address, int port)
    {
        _target = new(IPAddress.Parse(address), port);
        _socket = host.Enter(() => new Socket(_target.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        _socket.Bind(new IPEndPoint(_target.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
    }

    /// <summary>
    /// An initiation by nobody whom the other knows, but with the code that shows whom it is for: it costs the other end as much
    /// work as a genuine one.
    /// </summary>
    /// <param name="publicKey">The other's, in base64.</param>
    public static byte[] InitiationTo(string publicKey)
    {
        using var identity = new LocalIdentity(RandomNumberGenerator.GetBytes(32));
        using var handshake = new Handshake(identity, TimeProvider.System);
        using var peer = new HandshakePeer(identity, new PublicKey(Convert.FromBase64String(publicKey)));
        var message = new byte[InitiationMessage.Size];
        if (!handshake.TryCreateInitiation(peer, 1, message))
            throw new InvalidOperationException("No initiation was made.");
        return message;
    }

    /// <summary>Sends a datagram, or loses it where there is no room for it.</summary>
    public void Send(ReadOnlySpan<byte> datagram)
    {
        try
        {
            _socket.SendTo(datagram, _target);
        }
        catch (SocketException full) when (full.SocketErrorCode is SocketError.NoBufferSpaceAvailable or SocketError.WouldBlock)
        {
        }
    }

    /// <summary>Sends the same datagram again and again.</summary>
    public void Send(ReadOnlySpan<byte> datagram, int times)
    {
        for (; times > 0; times--)
            Send(datagram);
    }

    /// <summary>Whether a message of a type is among what came back since the last time.</summary>
    public bool Got(MessageType type)
    {
        var found = false;
        while (_socket.Available > 0)
        {
            var length = _socket.Receive(_answer);
            found |= Message.TypeOf(_answer.AsSpan(0, length)) == type;
        }
        return found;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
