using System.Net.Sockets;
using System.Text;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>What may come to the socket that an interface is configured by, from those who may use it and know no better.</summary>
public sealed class UapiHostileTests : IDisposable
{
    private readonly TestNamespace _host = new();
    private readonly WireGuardEnd _end;
    private readonly string _settings;

    public UapiHostileTests()
    {
        _end = new(_host, "qanat-wg");
        _end.Begin(51821);
        _settings = _host.Do($"wg showconf {_end.Device}");
    }

    public void Dispose()
    {
        _end.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData("set=1\nlisten_port=99999\n\n", "errno=-22\n\n")]
    [InlineData("set=1\nfwmark=7\nlisten_port\n\n", "errno=-71\n\n")]
    [InlineData("set=1\nfwmark=7\npublic_key=12\n\n", "errno=-22\n\n")]
    [InlineData("set=1\nfwmark=7\nallowed_ip=10.0.0.0/8\n\n", "errno=-22\n\n")]
    [InlineData("get=1\nfwmark=7\n\n", "errno=-22\n\n")]
    [InlineData("set=1\nfwmark=7", "errno=-71\n\n")] // and no more
    [InlineData("set=1\nfwmark=7\nlisten_po", "errno=-71\n\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "")]
    [InlineData("\0\0\0\0", "")]
    [InlineData("", "")]
    public async Task What_makes_no_sense_is_answered_so_and_changes_nothing(string said, string answer)
    {
        Assert.Equal(answer, await SayAsync(Encoding.ASCII.GetBytes(said)));
        AssertUnharmed();
    }

    [Fact]
    public async Task Lines_without_end_and_random_bytes_end_a_conversation_and_change_nothing()
    {
        foreach (var beginning in (string[])["", "get=1\n", "set=1\n", "set=1\nfwmark=7\nendpoint="])
            await SayAsync([.. Encoding.ASCII.GetBytes(beginning), .. Enumerable.Repeat((byte)'x', 4 << 20)]);
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[random.Next(10_000)];
            random.NextBytes(bytes);
            await SayAsync([.. i % 2 == 0 ? "set=1\n"u8 : [], .. bytes]);
        }
        AssertUnharmed();
    }

    [Fact]
    public void Hundreds_who_connect_and_say_nothing_lock_nobody_out()
    {
        List<Socket> silent = [];
        try
        {
            for (var i = 0; i < 500; i++)
            {
                silent.Add(Connect());
                if (i % 2 == 0)
                    silent[^1].Send("set=1\nfwmark=7\n"u8); // or begin, and do not go on
            }
            AssertUnharmed();
        }
        finally
        {
            silent.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public void Who_asks_and_does_not_listen_stops_nobody()
    {
        using var deaf = Connect();
        deaf.Blocking = false;
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("get=1\n\n", 1000)));
        Wait.Until(() =>
        {
            try
            {
                deaf.Send(requests);
                return false;
            }
            catch (SocketException full) when (full.SocketErrorCode == SocketError.WouldBlock)
            {
                return true;
            }
        }, what: "both ways to be full");
        AssertUnharmed();
    }

    private Socket Connect()
    {
        var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(_end.Socket));
        return client;
    }

    // What is answered, to the end. Who is hung up on in the middle of a word is not told more.
    private async Task<string> SayAsync(byte[] said)
    {
        using var client = Connect();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Wait.Limit);
        var answer = new StringBuilder();
        try
        {
            await client.SendAsync(said, patience.Token);
            client.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            for (int length; (length = await client.ReceiveAsync(buffer, patience.Token)) > 0;)
                answer.Append(Encoding.ASCII.GetString(buffer, 0, length));
        }
        catch (SocketException hungUp) when (hungUp.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
        }
        return answer.ToString();
    }

    private void AssertUnharmed()
    {
        Assert.Equal(_settings, _host.Do($"wg showconf {_end.Device}"));
        Assert.InRange(HostExtensions.ResidentKiB(_end.Pid), 1, 128 << 10);
    }
}
