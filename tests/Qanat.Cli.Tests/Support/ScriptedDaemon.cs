using System.Net.Sockets;
using System.Text;
using Qanat.Daemon;

namespace Qanat.Cli.Tests.Support;

/// <summary>A socket behind which each connection gets the next of the answers prepared for it; the requests are kept.</summary>
internal sealed class ScriptedDaemon : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Queue<string> _answers;
    private readonly Thread _thread;

    public ScriptedDaemon(DaemonPaths paths, params IEnumerable<string> answers)
    {
        _answers = new(answers);
        File.Delete(paths.Socket);
        _listener.Bind(new UnixDomainSocketEndPoint(paths.Socket));
        _listener.Listen();
        _thread = new(Serve) { IsBackground = true };
        _thread.Start();
    }

    public List<string> Requests { get; } = [];

    public static string Json(int status, string body) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        try
        {
            while (_answers.TryDequeue(out var answer))
            {
                using var connection = _listener.Accept();
                if (_answers.Count == 0)
                    _listener.Dispose(); // before the last answer, for it takes the socket's file away
                Requests.Add(ReadRequest(connection));
                connection.Send(Encoding.UTF8.GetBytes(answer));
            }
        }
        catch (SocketException)
        {
            // Disposed of before every answer was asked for.
        }
    }

    private static string ReadRequest(Socket connection)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!IsWhole(text.ToString()) && connection.Receive(buffer) is > 0 and var count)
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        return text.ToString();
    }

    private static bool IsWhole(string request)
    {
        var head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
            return false;
        var field = request.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal));
        return request.Length - head - 4 >= int.Parse(field?[16..] ?? "0");
    }
}
