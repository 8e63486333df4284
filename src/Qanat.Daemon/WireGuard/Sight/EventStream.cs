using System.Buffers;
using System.Net.Sockets;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>Sends events to a client, a line of JSON each, until it hangs up.</summary>
internal static class EventStream
{
    /// <summary>Sends what the listener hears.</summary>
    /// <exception cref="SocketException">The client went while something was on its way to it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled, or the client hung up.</exception>
    public static async Task SendAsync(Socket client, EventListener listener, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var hangingUp = HangUpAsync(client, end);
        try
        {
            var line = new ArrayBufferWriter<byte>();
            await foreach (var happened in listener.ReadAsync(end.Token).ConfigureAwait(false))
            {
                line.ResetWrittenCount();
                JsonLine.Write(line, happened, SightJson.Default.InterfaceEvent);
                await client.SendAsync(line.WrittenMemory, end.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await hangingUp.ConfigureAwait(false);
        }
    }

    // Whatever it says is passed over, until it says no more.
    private static async Task HangUpAsync(Socket client, CancellationTokenSource end)
    {
        var input = new byte[256];
        try
        {
            while (await client.ReceiveAsync(input, end.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
        }
        await end.CancelAsync().ConfigureAwait(false);
    }
}
