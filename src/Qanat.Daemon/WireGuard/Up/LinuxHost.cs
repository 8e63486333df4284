using System.Buffers;
using System.Net.Sockets;
using Qanat.Linux;
using Qanat.Linux.Netlink;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;
using InterfaceAddress = Qanat.WireGuard.Configuration.InterfaceAddress;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>The host that this process is on, in the network namespace of the thread that makes this.</summary>
internal sealed class LinuxHost : IUpHost, IDisposable
{
    private const string SourceValidMark = "/proc/sys/net/ipv4/conf/all/src_valid_mark";

    private static readonly SearchValues<char> s_ofPrefixes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly RouteNetlink _netlink = new();

    public bool HasMarkRules => Families.Any(family => _netlink.Rules.List(family).Any(rule => rule is { Invert: true, Mark: not null }));

    public ResolverKind Resolver =>
        HasProgram("resolvconf") ? ResolverKind.Resolvconf
        : HasProgram("resolvectl") && Directory.Exists("/run/systemd/resolve") ? ResolverKind.Resolved
        : ResolverKind.None;

    private static AddressFamily[] Families => [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    public bool HasDevice(string device) => _netlink.Links.Find(device) is not null;

    public bool HasProgram(string name) => HostProgram.Find(name) is not null;

    public void Run(
        IReadOnlyList<string> words, string input, Action<string> output,
        IReadOnlyDictionary<string, string>? variables = null, string folder = "/") =>
        HostProgram.Run(words, input, output, variables, folder);

    public HostFacts Look(IReadOnlyList<IpAddress> endpoints, string device, uint mark)
    {
        var own = _netlink.Links.Find(device)?.Index;
        var isDefault = (Route route) => route.Destination.PrefixLength == 0 && route.OutputInterface != own;
        return new()
        {
            EndpointMtus = [.. endpoints.Select(endpoint => RouteTo(endpoint, mark)).OfType<Route>()
                .Where(route => route.OutputInterface != own).Select(MtuOf).OfType<int>()],
            DefaultMtu = _netlink.Routes.List().FirstOrDefault(isDefault) is { } route ? MtuOf(route) : null,
            FreeTable = FreeTable(),
            // What another of ours has set is set again: whoever goes last puts it back.
            SourceValidMark = File.Exists(SourceValidMark) && File.ReadAllText(SourceValidMark).Trim() == "1" &&
                !UpFiles.Kept().Any(kept => kept.Record.SourceValidMark),
            ResolverPrefix = ResolverPrefix(),
        };
    }

    public IReadOnlyList<InterfaceAddress> Addresses(string device) =>
        [.. _netlink.Addresses.List(_netlink.Links.Get(device).Index)
            .Where(address => !address.Address.IsIPv6LinkLocal)
            .Select(address => new InterfaceAddress(IpAddress.From(address.Address), address.PrefixLength))];

    public void AddAddress(string device, InterfaceAddress address) => _netlink.Addresses.Add(Of(device, address));

    public void DeleteAddress(string device, InterfaceAddress address) => _netlink.Addresses.Delete(Of(device, address));

    public void PromoteSecondaries(string device) => File.WriteAllText($"/proc/sys/net/ipv4/conf/{device}/promote_secondaries", "1\n");

    public void BringUp(string device, int mtu)
    {
        var index = _netlink.Links.Get(device).Index;
        _netlink.Links.SetMtu(index, mtu);
        _netlink.Links.SetUp(index);
    }

    public void AddRoute(string device, AllowedIp destination, string? table) => _netlink.Routes.Add(Of(device, destination, table));

    public void DeleteRoute(string device, AllowedIp destination, string? table) =>
        Unless(Errno.ESRCH, () => _netlink.Routes.Delete(Of(device, destination, table) with { Protocol = RouteProtocol.Boot }));

    public uint FirstPriority(bool isIPv6) =>
        _netlink.Rules.List(FamilyOf(isIPv6)).Select(rule => rule.Priority ?? 0).Where(priority => priority > 0)
            .DefaultIfEmpty(32766u).Min() - 1; // The main table's rule has 32766, if somebody has not deleted it.

    public void AddRule(KeptRule rule) => _netlink.Rules.Add(Of(rule));

    public void DeleteRule(KeptRule rule) => Unless(Errno.ENOENT, () => _netlink.Rules.Delete(Of(rule)));

    public void SetSourceValidMark(bool value) => File.WriteAllText(SourceValidMark, value ? "1\n" : "0\n");

    public void Dispose() => _netlink.Dispose();

    private static AddressFamily FamilyOf(bool isIPv6) => isIPv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    private static Rule Of(KeptRule rule) => new()
    {
        Family = FamilyOf(rule.IsIPv6),
        Priority = rule.Priority,
        Invert = rule.Mark is not null,
        Mark = rule.Mark is { } mark ? new(mark) : null,
        Table = rule.Mark is { } table ? (RouteTableId)table : RouteTableId.Main,
        SuppressPrefixLength = rule.Mark is null ? 0 : null,
    };

    private Qanat.Linux.Netlink.InterfaceAddress Of(string device, InterfaceAddress address) => new()
    {
        InterfaceIndex = _netlink.Links.Get(device).Index,
        Address = address.Address.ToIPAddress(),
        PrefixLength = address.Length,
    };

    private Route Of(string device, AllowedIp destination, string? table) => new()
    {
        Destination = new(destination.Address.ToIPAddress(), destination.Length),
        OutputInterface = _netlink.Links.Get(device).Index,
        Table = table is null ? RouteTableId.Main : TableOf(table),
    };

    private static RouteTableId TableOf(string text) => RoutingTables.OfHost.Find(text) is { } number
        ? (RouteTableId)number
        : throw new IOException($"there is no routing table {text}; name it in /etc/iproute2/rt_tables, or give its number");

    private Route? RouteTo(IpAddress destination, uint mark) =>
        _netlink.Routes.TryGet(new RouteQuery(destination.ToIPAddress()) { Mark = mark }, out var route, out _) ? route : null;

    private int? MtuOf(Route route) => route.Mtu > 0 ? route.Mtu : _netlink.Links.Find(route.OutputInterface)?.Mtu;

    private uint FreeTable()
    {
        var table = HostFacts.FirstTable;
        while (Families.Any(family => _netlink.Routes.List(family, (RouteTableId)table).Count > 0))
            table++;
        return table;
    }

    // Debian's resolvconf orders its records by what their names begin with.
    private static string ResolverPrefix()
    {
        const string order = "/etc/resolvconf/interface-order";
        if (!File.Exists(order))
            return "";
        var first = File.ReadLines(order).FirstOrDefault(line =>
            line is [_, .., '*'] && line.AsSpan(0, line.Length - 1).IndexOfAnyExcept(s_ofPrefixes) < 0);
        return first is null ? "" : $"{first[..^1]}.";
    }

    private static void Unless(int error, Action act)
    {
        try
        {
            act();
        }
        catch (LinuxException refused) when (refused.Error == error)
        {
        }
    }
}
