using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>What the tests ask of a host again and again.</summary>
internal static class HostExtensions
{
    /// <summary>The daemon that runs in the namespace, or null.</summary>
    public static int? Daemon(this TestNamespace host) =>
        host.Processes.Where(pid => CommandLine(pid) is [_, "daemon", ..] or ["qanat", ..] && Executable(pid) == Repository.Qanat)
            .Select(pid => (int?)pid).FirstOrDefault();

    /// <summary>The daemon's socket.</summary>
    public static string Socket(this TestNamespace host) => Path.Combine(host.RunDirectory, $"{host.Inode}.sock");

    /// <summary>What a GET of the daemon's API answers.</summary>
    public static JsonElement Get(this TestNamespace host, string path)
    {
        using var client = host.Client();
        return JsonDocument.Parse(client.GetStringAsync(new Uri(path, UriKind.Relative)).GetAwaiter().GetResult()).RootElement;
    }

    /// <summary>What the API says of one tunnel.</summary>
    public static JsonElement Tunnel(this TestNamespace host, string name) =>
        host.Get("/v1/tunnels").EnumerateArray().Single(tunnel => tunnel.GetProperty("spec").GetProperty("name").GetString() == name);

    /// <summary>An HTTP client of the daemon's API.</summary>
    public static HttpClient Client(this TestNamespace host)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.Socket()), cancellation).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new(handler) { BaseAddress = new("http://qanat/"), Timeout = Wait.Limit };
    }

    /// <summary>True when one echo request to <paramref name="address"/> is answered within three seconds.</summary>
    public static bool Reaches(this TestNamespace host, string address) => host.Run($"ping -c 1 -W 3 {address}").Succeeded;

    /// <summary>A device as <c>ip -j</c> tells it, with its statistics.</summary>
    public static JsonElement Link(this TestNamespace host, string device) =>
        JsonDocument.Parse(host.Do($"ip -j -d -s link show dev {device}")).RootElement[0];

    /// <summary>True while the device exists.</summary>
    public static bool Has(this TestNamespace host, string device) => host.Run($"ip link show dev {device}").Succeeded;

    /// <summary>One of a device's counters: <c>rx packets</c>.</summary>
    public static long Counter(this TestNamespace host, string device, string direction, string counter) =>
        host.Link(device).GetProperty("stats64").GetProperty(direction).GetProperty(counter).GetInt64();

    /// <summary>Sends with iperf3 from one host to another, and returns the bytes that arrived.</summary>
    /// <param name="client">The host that sends (receives, with <c>-R</c>).</param>
    /// <param name="server">The other.</param>
    /// <param name="address">The server's address.</param>
    /// <param name="options">iperf3's, such as <c>-n 200M</c>.</param>
    public static long Iperf3(this TestNamespace client, TestNamespace server, string address, string options)
    {
        using var listening = server.Start("exec iperf3 -s -1");
        Wait.Until(() => server.Do("ss -Hltn 'sport = :5201'").Length > 0, what: "iperf3 to listen");
        return client.Iperf3(address, options);
    }

    /// <summary>TCP passes to a real kernel and back, and not only the first segments of it.</summary>
    public static void AssertTcp(this TestNamespace client, KernelPeer server, string address)
    {
        foreach (var direction in (string[])["", "-R"])
        {
            server.Do("{ iperf3 -s -1 >/dev/null 2>&1 </dev/null & }; until netstat -ltn | grep -q :5201; do sleep 0.02; done");
            // Of which no more than the windows are under way at the end.
            Assert.InRange(client.Iperf3(address, $"-n 2M -w 64K {direction}"), 1_500_000, long.MaxValue);
        }
    }

    private static long Iperf3(this TestNamespace client, string address, string options)
    {
        var report = client.Run($"iperf3 -c {address} -J {options}").Required;
        var end = JsonDocument.Parse(report).RootElement.GetProperty("end");
        return (end.TryGetProperty("sum_received", out var tcp) ? tcp : end.GetProperty("sum")).GetProperty("bytes").GetInt64();
    }

    /// <summary>Sends 32 MiB of noise over TCP, and asserts that the other host gets it bit by bit.</summary>
    public static async Task TransferAsync(this TestNamespace sender, TestNamespace receiver, string address)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var sent = RandomNumberGenerator.GetBytes(32 << 20);
        using var listener = receiver.Enter(() =>
        {
            var listening = new TcpListener(IPAddress.Parse(address), 7000);
            listening.Start();
            return listening;
        });
        using var to = sender.Enter(() => new TcpClient(address, 7000));
        using var from = await listener.AcceptTcpClientAsync(cancellation);

        var arriving = SHA256.HashDataAsync(from.GetStream(), cancellation);
        await to.GetStream().WriteAsync(sent, cancellation);
        to.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(SHA256.HashData(sent), await arriving.AsTask().WaitAsync(TimeSpan.FromMinutes(1), cancellation));
    }

    /// <summary>Resident memory of a process in KiB.</summary>
    public static long ResidentKiB(int pid) =>
        long.Parse(
            File.ReadLines($"/proc/{pid}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))[6..^2],
            CultureInfo.InvariantCulture);

    private static string[] CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (IOException)
        {
            return []; // It ended meanwhile.
        }
    }

    private static string? Executable(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/exe").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
