using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Qanat.Cli.Client;

/// <summary>HTTP/1.1 over a Unix socket: one request, one response, one connection.</summary>
internal static class HttpConnection
{
    // Making a tunnel with a full disk behind it may take seconds; a daemon that takes longer has hung.
    private const int TimeoutMilliseconds = 30_000;

    /// <summary>Sends a request and reads the response.</summary>
    /// <param name="socketPath">The Unix socket.</param>
    /// <param name="method">GET, POST, PUT or DELETE.</param>
    /// <param name="path">The path, escaped.</param>
    /// <param name="body">JSON, or nothing.</param>
    /// <exception cref="SocketException">Nobody listens, or the connection failed.</exception>
    /// <exception cref="IOException">The connection failed, or what came back is not HTTP.</exception>
    public static HttpResponse Exchange(string socketPath, string method, string path, ReadOnlySpan<byte> body = default)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendTimeout = TimeoutMilliseconds,
            ReceiveTimeout = TimeoutMilliseconds,
        };
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        socket.Send(Encoding.ASCII.GetBytes(Head(method, path, body.Length)));
        while (!body.IsEmpty)
            body = body[socket.Send(body)..];
        using var stream = new NetworkStream(socket);
        return new HttpResponseReader(stream).Read();
    }

    private static string Head(string method, string path, int length)
    {
        var framing = length == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {length}\r\n");
        return $"{method} {path} HTTP/1.1\r\nHost: qanat\r\nConnection: close\r\n{framing}\r\n";
    }
}
