using System.Net.Sockets;
using System.Text;

namespace Qanat.Daemon.Tests.WireGuard;

/// <summary>A socket in a folder of its own, and something behind it that answers as it likes.</summary>
internal sealed class FakeInterface : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();

    /// <summary>Listens.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="name">The interface.</param>
    /// <param name="answer">What is sent for a request; null hangs up, and nothing keeps silent.</param>
    /// <param name="hangsUp">Whether it hangs up after an answer.</param>
    public FakeInterface(string folder, string name, Func<string, string?> answer, bool hangsUp = false)
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Join(folder, $"{name}.sock")));
        _listener.Listen();
        _ = ServeAsync(answer, hangsUp);
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync(Func<string, string?> answer, bool hangsUp)
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptAsync(_end.Token), answer, hangsUp, _end.Token);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task AnswerAsync(
        Socket client, Func<string, string?> answer, bool hangsUp, CancellationToken end)
    {
        using (client)
        {
            try
            {
                var input = new byte[256];
                while (await client.ReceiveAsync(input, end) is > 0 and var length &&
                       answer(Encoding.ASCII.GetString(input, 0, length)) is { } said)
                {
                    await client.SendAsync(Encoding.UTF8.GetBytes(said), end);
                    if (hangsUp)
                        break;
                }
            }
            catch (Exception gone) when (gone is OperationCanceledException or SocketException)
            {
            }
        }
    }
}
