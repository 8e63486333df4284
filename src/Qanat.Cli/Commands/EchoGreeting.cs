using Qanat.Hosts;
using Qanat.Packets;

namespace Qanat.Cli.Commands;

/// <summary>What <c>qanat echo</c> says first: who it is, and how to reach it.</summary>
internal static class EchoGreeting
{
    /// <summary>The lines.</summary>
    public static string Text(EchoRequest request, HostOptions who, EchoDevice device)
    {
        var addresses = string.Join(" and ", who.IPv4.Select(own => $"{own}").Concat(who.IPv6.Select(own => $"{own}")));
        var (kind, at) = who.Link == HostLink.Ethernet ? ("TAP", $" from {who.MacAddress}") : ("TUN", "");
        var stays = device.IsNew ? "new, and goes when this ends" : "was here before, and stays";
        return $"{request.Device} ({kind}, {stays}): pings to {addresses} are answered{at}. Ctrl-C ends it.\n" +
            $"Try: {Advice(request, device)}\n";
    }

    private static string Advice(EchoRequest request, EchoDevice device)
    {
        List<string> steps = [];
        if (!device.IsUp)
            steps.Add($"ip link set {request.Device} up");
        var first = request.IPv4 is [var four, ..] ? $"{four.Address}" : $"{request.IPv6[0].Address}";
        if (request.HostAddresses.Count == 0)
            steps.Add(ToReach(request));
        steps.Add($"ping {first}");
        return string.Join("; ", steps);
    }

    // A neighbour's address in the same network, or a route where there is room for none.
    private static string ToReach(EchoRequest request)
    {
        if (request.IPv4 is [var four, ..])
        {
            if (four.PrefixLength > 30)
                return $"ip route add {four.Address} dev {request.Device}";
            var network = four.Address.Value & ~(uint.MaxValue >> four.PrefixLength);
            if (four.PrefixLength == 0)
                network = 0;
            var neighbour = network + 1 == four.Address.Value ? network + 2 : network + 1;
            return $"ip address add {new IPv4Address(neighbour)}/{four.PrefixLength} dev {request.Device}";
        }
        var six = request.IPv6[0];
        if (six.PrefixLength > 126)
            return $"ip route add {six.Address} dev {request.Device}";
        var prefix = six.Address.Value & ~(UInt128.MaxValue >> six.PrefixLength);
        var next = prefix + 1 == six.Address.Value ? prefix + 2 : prefix + 1;
        return $"ip address add {new IPv6Address(next)}/{six.PrefixLength} dev {request.Device}";
    }
}
