using System.Net;
using System.Net.Sockets;
using Qanat.Linux;

namespace Qanat.Cli.Client;

/// <summary>The daemon's stream of a tunnel's packets. It may last for hours, and ends when it is disposed.</summary>
internal static class CaptureStream
{
    /// <summary>Opens the stream; null when no daemon keeps such a tunnel.</summary>
    /// <exception cref="ApiException">The daemon refused.</exception>
    public static Stream? Open(string socketPath, string name, int snapLength)
    {
        var handler = new SocketsHttpHandler { ConnectCallback = (_, cancel) => ConnectAsync(socketPath, cancel) };
        var client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            var request = new HttpRequestMessage(HttpMethod.Get,
                $"http://qanat/v1/tunnels/{Uri.EscapeDataString(name)}/capture?snaplen={snapLength}");
            var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.StatusCode == HttpStatusCode.OK)
                return response.Content.ReadAsStream();
            client.Dispose();
            return response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity ? null // no tunnel of ours
                : throw new ApiException(Errno.EIO, $"The daemon will not capture: {(int)response.StatusCode}.");
        }
        catch (HttpRequestException)
        {
            client.Dispose(); // no daemon
            return null;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(string socketPath, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
