using System.Net.Sockets;
using System.Text;
using Qanat.Linux;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>
/// The socket by which commands tell the process of an interface what to do. A client writes a line, <c>down</c> or
/// <c>reload FILE</c>; it is answered lines for its user, and at the end one with the exit code (<see cref="StepLines"/>).
/// </summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    private const int LongestRequest = 8192, Waiting = 16;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();
    private readonly string _path;
    private readonly Func<string, Action<string>, Task<int>> _obey;
    private readonly Task _accepting;

    /// <summary>Listens, in place of a file that a killed process left.</summary>
    /// <param name="path">The file, in a folder that is its owner's alone.</param>
    /// <param name="obey">Does what a line says, says more, and returns the exit code. One at a time is called.</param>
    /// <exception cref="LinuxException">The file cannot be made.</exception>
    public ControlSocket(string path, Func<string, Action<string>, Task<int>> obey)
    {
        (_path, _obey) = (path, obey);
        try
        {
            File.Delete(path);
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            _socket.Listen(Waiting);
        }
        catch (Exception fault) when (fault is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            _socket.Dispose();
            throw new LinuxException($"listen on {path}", fault is SocketException refused ? refused.ErrorCode : Errno.Of(fault));
        }
        _accepting = AcceptAsync();
    }

    /// <summary>Asks a process, and waits until it has done.</summary>
    /// <param name="path">Its socket.</param>
    /// <param name="request">A line.</param>
    /// <param name="say">Takes each line of the answer.</param>
    /// <returns>The exit code; null when nobody listens, or who did ended before it was done.</returns>
    public static int? Ask(string path, string request, Action<string> say)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(Encoding.UTF8.GetBytes($"{request}\n"));
            using var answer = new StreamReader(new NetworkStream(socket));
            return StepLines.Forward(answer, say);
        }
        catch (Exception fault) when (fault is SocketException or IOException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Listens no more; who is being answered is answered first.</summary>
    public async ValueTask DisposeAsync()
    {
        File.Delete(_path);
        await _end.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
            try
            {
                using var client = await _socket.AcceptAsync(_end.Token).ConfigureAwait(false);
                await ServeAsync(client).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is OperationCanceledException or SocketException or IOException)
            {
            }
    }

    // Whoever hangs up is heard no more, but what was begun is done.
    private async Task ServeAsync(Socket client)
    {
        using var stream = new NetworkStream(client);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        var buffer = new byte[LongestRequest];
        var length = 0;
        while (!buffer.AsSpan(0, length).Contains((byte)'\n'))
        {
            var count = await stream.ReadAsync(buffer.AsMemory(length), patience.Token).ConfigureAwait(false);
            if (count == 0)
                return;
            length += count;
        }
        var line = Encoding.UTF8.GetString(buffer.AsSpan(0, buffer.AsSpan(0, length).IndexOf((byte)'\n')));
        var exitCode = await _obey(line, Say).ConfigureAwait(false);
        Say(StepLines.End(exitCode));

        void Say(string text)
        {
            try
            {
                stream.Write(Encoding.UTF8.GetBytes($"{text.ReplaceLineEndings(" ")}\n"));
            }
            catch (IOException)
            {
            }
        }
    }
}
