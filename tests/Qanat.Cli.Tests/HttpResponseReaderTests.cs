using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Cli.Client;

namespace Qanat.Cli.Tests;

public class HttpResponseReaderTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";

    [Theory]
    [InlineData(Ok + "Content-Length: 5\r\n\r\nhello", 200, "hello")]
    [InlineData(Ok + "content-length:5 \r\nDate: now\r\n\r\nhello and more", 200, "hello")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", 200, "hello")]
    [InlineData(Ok + "Transfer-Encoding: Chunked\r\n\r\n00A\r\n0123456789\r\n0\r\nDigest: none\r\n\r\n", 200, "0123456789")]
    [InlineData("HTTP/1.1 204\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "")]
    public void A_response_is_read_however_it_is_cut(string text, int status, string body)
    {
        foreach (var piece in (int[])[1, 2, 7, int.MaxValue])
        {
            var response = Read(text, piece);
            Assert.Equal((status, body), (response.Status, Encoding.ASCII.GetString(response.Body)));
        }
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", "it is not HTTP/1.1")]
    [InlineData("SSH-2.0-OpenSSH\r\n", "it is not HTTP/1.1")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n", "its status is malformed")]
    [InlineData("HTTP/1.1 20\r\n\r\n", "its status is malformed")]
    [InlineData("HTTP/1.1 -20\r\n\r\n", "a number is malformed")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", "its status is out of range")]
    [InlineData("HTTP/1.1 200 OK\n\n", "a line ends without a carriage return")]
    [InlineData(Ok + "\r\nhello", "its length is not given")]
    [InlineData(Ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "its length is given twice")]
    [InlineData(Ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello", "its length is given twice")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello", "its length is given twice")]
    [InlineData(Ok + "Transfer-Encoding: gzip\r\n\r\n", "its transfer encoding is unknown")]
    [InlineData(Ok + "Content-Length: -5\r\n\r\n", "a number is malformed")]
    [InlineData(Ok + "Content-Length: 5x\r\n\r\n", "a number is malformed")]
    [InlineData(Ok + "Content-Length: 99999999999999999999\r\n\r\n", "a number is malformed")]
    [InlineData(Ok + "Content-Length: 67108865\r\n\r\n", "it is too large")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n", "it is too large")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", "it is too large")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "a number is malformed")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n\r\n", "a number is malformed")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", "a chunk is longer than it says")]
    [InlineData(Ok + "Content-Length : 5\r\n\r\nhello", "a field is malformed")]
    [InlineData(Ok + "no colon\r\n\r\n", "a field is malformed")]
    [InlineData(Ok + "Content-Length: 5\r\n\r\nhell", "it ends too early")]
    [InlineData(Ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "it ends too early")]
    [InlineData("HTTP/1", "it ends too early")]
    public void A_hostile_response_is_refused(string text, string why)
    {
        var fault = Assert.Throws<HttpFormatException>(() => Read(text));
        Assert.Equal((why, false), (fault.Message, fault.Silent));
    }

    [Fact]
    public void A_connection_that_ends_without_a_byte_is_told_apart() =>
        Assert.True(Assert.Throws<HttpFormatException>(() => Read("")).Silent);

    [Fact]
    public void Endless_lines_and_endless_headers_are_cut_off()
    {
        Assert.Equal("a line is too long", Assert.Throws<HttpFormatException>(() => Read(Ok + new string('a', 5000))).Message);
        var fields = string.Concat(Enumerable.Repeat("A: b\r\n", HttpResponseReader.MaxFields + 1));
        Assert.Equal("it has too many fields", Assert.Throws<HttpFormatException>(() => Read(Ok + fields + "\r\n")).Message);
    }

    [Fact]
    public void Mutations_are_read_or_refused_and_nothing_else()
    {
        var seed = Encoding.ASCII.GetBytes(Ok + "Transfer-Encoding: chunked\r\nContent-Type: x\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
        Prop.ForAll<NonNegativeInt, byte, NonNegativeInt>((at, value, length) =>
        {
            var mutated = (byte[])seed.Clone();
            mutated[at.Get % seed.Length] = value;
            var cut = mutated[..(length.Get % (seed.Length + 1))];
            return Record.Exception(() => Read(mutated, 16)) is null or HttpFormatException &&
                Record.Exception(() => Read(cut, 16)) is null or HttpFormatException;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static HttpResponse Read(string text, int piece = int.MaxValue) => Read(Encoding.ASCII.GetBytes(text), piece);

    private static HttpResponse Read(byte[] bytes, int piece) => new HttpResponseReader(new PiecewiseStream(bytes, piece)).Read();

    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
