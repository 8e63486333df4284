using System.Text.Json;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Netlink;

/// <summary>A host as our code sees it, and as <c>ip</c> does.</summary>
internal static class HostExtensions
{
    public static NetworkNamespace Open(this TestNamespace host) => NetworkNamespace.Open(host.Name);

    public static RouteNetlink Netlink(this TestNamespace host)
    {
        using var networkNamespace = host.Open();
        return RouteNetlink.In(networkNamespace);
    }

    public static NetworkMonitor Monitor(this TestNamespace host, MonitorGroups groups)
    {
        using var networkNamespace = host.Open();
        return NetworkMonitor.In(networkNamespace, groups);
    }

    /// <summary>Runs lines of shell, each of which must succeed.</summary>
    public static void Script(this TestNamespace host, string lines) => host.Do($"set -e\n{lines}");

    /// <summary>What <c>ip -j</c> prints: a list of objects.</summary>
    public static IReadOnlyList<JsonElement> IpJson(this TestNamespace host, string command) =>
        [.. JsonDocument.Parse(host.Do($"ip -j {command}")).RootElement.EnumerateArray().Where(thing => thing.EnumerateObject().Any())];

    public static string? Text(this JsonElement thing, string name) => thing.TryGetProperty(name, out var value) ? value.ToString() : null;

    public static long Number(this JsonElement thing, string name) => thing.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
