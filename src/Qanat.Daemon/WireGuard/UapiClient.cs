using System.Net.Sockets;

namespace Qanat.Daemon.WireGuard;

/// <summary>A client of the socket, who is served until it has gone or is hung up on. But for serving it belongs to who accepts.</summary>
internal sealed class UapiClient
{
    private readonly UapiConversation _conversation;
    private readonly CancellationTokenSource _end;

    /// <summary>Begins to serve it.</summary>
    /// <param name="conversation">What it says and is answered; disposed of when it has gone.</param>
    /// <param name="end">Everybody is hung up on.</param>
    public UapiClient(UapiConversation conversation, CancellationToken end)
    {
        _conversation = conversation;
        _end = CancellationTokenSource.CreateLinkedTokenSource(end);
        Served = ServeAsync(_end.Token);
    }

    /// <summary>Completes when it has gone.</summary>
    public Task Served { get; }

    /// <summary>When it said something last, in milliseconds.</summary>
    public long LastHeard => _conversation.LastHeard;

    /// <summary>Whether it is hung up on.</summary>
    public bool IsLeaving => _end.IsCancellationRequested;

    /// <summary>Hangs up: what it has not said to the end is not done.</summary>
    public void HangUp() => _end.Cancel();

    /// <summary>True when it has gone, and nothing is left of it.</summary>
    public bool TryForget()
    {
        if (!Served.IsCompleted)
            return false;
        _end.Dispose();
        return true;
    }

    private async Task ServeAsync(CancellationToken cancellation)
    {
        using (_conversation)
            try
            {
                await _conversation.RunAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception end) when (end is SocketException or OperationCanceledException)
            {
            }
    }
}
