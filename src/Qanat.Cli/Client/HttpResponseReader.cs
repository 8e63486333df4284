using System.Globalization;
using System.Text;

namespace Qanat.Cli.Client;

/// <summary>
/// Reads one HTTP/1.1 response (RFC 9112), strictly and within bounds: status line, header, and a body that is framed by
/// Content-Length or by chunks.
/// </summary>
/// <remarks>
/// This is here in place of HttpClient because that costs about 30 ms on the first request of a process (measured: 58 ms
/// against 31 ms for the whole of one request), and the whole of <c>tunnel show</c> has 80.
/// </remarks>
/// <param name="stream">The connection.</param>
internal sealed class HttpResponseReader(Stream stream)
{
    /// <summary>The longest line, in bytes, without its end.</summary>
    public const int MaxLine = 4096;

    /// <summary>The most header fields, and the most trailer fields.</summary>
    public const int MaxFields = 64;

    /// <summary>The largest body, in bytes: some hundred thousand tunnels.</summary>
    public const int MaxBody = 64 << 20;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start, _end;
    private bool _any;

    /// <summary>Reads the response.</summary>
    /// <exception cref="HttpFormatException">It is malformed, too large or truncated.</exception>
    /// <exception cref="IOException">The connection failed.</exception>
    public HttpResponse Read()
    {
        var status = ParseStatus(ReadLine());
        long? length = null;
        var chunked = false;
        foreach (var (name, value) in ReadFields())
        {
            if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                Require(length is null && !chunked, "its length is given twice");
                length = ParseNumber(value, NumberStyles.None);
            }
            else if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                Require(length is null && !chunked, "its length is given twice");
                Require(value.Equals("chunked", StringComparison.OrdinalIgnoreCase), "its transfer encoding is unknown");
                chunked = true;
            }
        }
        if (status is 204 or 304)
            return new(status, []);
        Require(chunked || length is not null, "its length is not given");
        return new(status, chunked ? ReadChunks() : ReadExactly(length!.Value));
    }

    // HTTP/1.1 200 OK. Interim responses (1xx) are not asked for, so none comes.
    private static int ParseStatus(string line)
    {
        Require(line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), "it is not HTTP/1.1");
        var code = line.AsSpan(9);
        Require(code.Length >= 3 && (code.Length == 3 || code[3] == ' '), "its status is malformed");
        var status = (int)ParseNumber(code[..3], NumberStyles.None);
        Require(status is >= 200 and <= 599, "its status is out of range");
        return status;
    }

    private List<(string Name, string Value)> ReadFields()
    {
        var fields = new List<(string, string)>();
        for (var line = ReadLine(); line.Length > 0; line = ReadLine())
        {
            Require(fields.Count < MaxFields, "it has too many fields");
            var colon = line.IndexOf(':');
            Require(colon > 0 && !line.AsSpan(0, colon).ContainsAny(" \t"), "a field is malformed");
            fields.Add((line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }
        return fields;
    }

    private byte[] ReadChunks()
    {
        var body = new MemoryStream();
        while (true)
        {
            var line = ReadLine().AsSpan();
            var extension = line.IndexOf(';');
            var size = ParseNumber(extension < 0 ? line : line[..extension].TrimEnd(" \t"), NumberStyles.AllowHexSpecifier);
            Require(size <= MaxBody - body.Length, "it is too large");
            if (size == 0)
                break;
            body.Write(ReadExactly(size));
            Require(ReadLine().Length == 0, "a chunk is longer than it says");
        }
        ReadFields(); // trailers
        return body.ToArray();
    }

    private byte[] ReadExactly(long length)
    {
        Require(length <= MaxBody, "it is too large");
        // The memory grows with what has come, not with what was promised.
        var body = new MemoryStream();
        while (body.Length < length)
        {
            var take = (int)Math.Min(length - body.Length, Available());
            body.Write(_buffer, _start, take);
            _start += take;
        }
        return body.ToArray();
    }

    private string ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            Available();
            var c = _buffer[_start++];
            if (c == '\n')
            {
                Require(line.Length > 0 && line[^1] == '\r', "a line ends without a carriage return");
                return line.ToString(0, line.Length - 1);
            }
            Require(line.Length <= MaxLine, "a line is too long");
            line.Append((char)c);
        }
    }

    // How many bytes are in the buffer, at least one.
    private int Available()
    {
        if (_start == _end)
        {
            (_start, _end) = (0, stream.Read(_buffer));
            if (_end == 0)
                throw new HttpFormatException("it ends too early", silent: !_any);
            _any = true;
        }
        return _end - _start;
    }

    private static long ParseNumber(ReadOnlySpan<char> text, NumberStyles style)
    {
        // At most 15 digits, of which no radix makes a negative number.
        Require(text.Length <= 15 && long.TryParse(text, style, CultureInfo.InvariantCulture, out _), "a number is malformed");
        return long.Parse(text, style, CultureInfo.InvariantCulture);
    }

    private static void Require(bool valid, string fault)
    {
        if (!valid)
            throw new HttpFormatException(fault);
    }
}
