using System.Diagnostics;
using System.Net;
using Qanat.Linux.Netlink;

namespace Qanat.Bench;

/// <summary>Many routes, one request each, as <c>ip -batch</c> adds them.</summary>
internal static class RouteTable
{
    /// <summary>Adds routes to <paramref name="count"/> networks of 256 addresses, from 20.0.0.0 on.</summary>
    public static void Fill(string device, int count)
    {
        var start = Stopwatch.GetTimestamp();
        using var netlink = new RouteNetlink();
        var index = netlink.Links.Get(device).Index;
        for (var i = 0; i < count; i++)
        {
            var network = new IPAddress([(byte)(20 + (i >> 16)), (byte)(i >> 8), (byte)i, 0]);
            netlink.Routes.Add(new() { Destination = new(network, 24), OutputInterface = index });
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(FormattableString.Invariant($"{{\"milliseconds\": {elapsed.TotalMilliseconds:F1}}}"));
    }
}
