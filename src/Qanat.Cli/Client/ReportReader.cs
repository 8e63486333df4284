using System.Text.Json;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Client;

/// <summary>
/// Reads tunnels as the daemon sends them (<see cref="TunnelReport"/>). What is missing has its default, what is unknown is
/// passed over.
/// </summary>
/// <remarks>
/// By hand, for the serializer's types cost some 20 ms when a process uses them once, and <c>tunnel show</c> is to take 80 in all.
/// A test holds both to the same answers.
/// </remarks>
internal static partial class ReportReader
{
    /// <summary>Reads a list of tunnels.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static IReadOnlyList<TunnelReport> ReadList(byte[] json) => Read<IReadOnlyList<TunnelReport>>(json, root =>
    {
        var tunnels = new List<TunnelReport>(root.GetArrayLength());
        foreach (var tunnel in root.EnumerateArray())
            tunnels.Add(Tunnel(tunnel));
        return tunnels;
    });

    /// <summary>Reads one tunnel.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static TunnelReport Read(byte[] json) => Read(json, Tunnel);

    private static T Read<T>(byte[] json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (Exception fault) when (fault is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new JsonException(fault.Message, fault);
        }
    }

    private static TunnelReport Tunnel(JsonElement tunnel) => new(
        Spec(tunnel.GetProperty("spec")),
        (int)Number(tunnel, "index", int.MaxValue),
        (int)Number(tunnel, "mtu", int.MaxValue),
        Member(tunnel, "up")?.GetBoolean() ?? false,
        Counters(tunnel.GetProperty("counters")));

    private static TunnelSpec Spec(JsonElement spec) => new()
    {
        Name = Text(spec, "name") ?? "",
        Mode = Text(spec, "mode") ?? throw new FormatException("The mode is missing."),
        Remote = Text(spec, "remote") ?? "any",
        Local = Text(spec, "local") ?? "any",
        Ttl = (byte)Number(spec, "ttl", byte.MaxValue),
        Tos = (byte)Number(spec, "tos", byte.MaxValue),
        Pmtudisc = Member(spec, "pmtudisc")?.GetBoolean() ?? true,
        Dev = Text(spec, "dev"),
        IgnoreDf = Flag(spec, "ignoreDf"),
        Mark = Whole(spec, "mark"),
        Inner = Text(spec, "inner"),
        Gre = Member(spec, "gre") is { } gre ? Gre(gre) : null,
        Sit = Member(spec, "sit") is { } sit ? Sit(sit) : null,
        IPv6 = Member(spec, "iPv6") is { } ipv6 ? IPv6(ipv6) : null,
        Encap = Member(spec, "encap") is { } encap ? Encap(encap) : null,
        Vxlan = Member(spec, "vxlan") is { } vxlan ? Vxlan(vxlan) : null,
        L2tp = Member(spec, "l2tp") is { } l2tp ? L2tp(l2tp) : null,
    };

    private static CounterReport Counters(JsonElement counters)
    {
        var drops = new Dictionary<string, long>();
        if (Member(counters, "drops") is { } reasons)
            foreach (var reason in reasons.EnumerateObject())
                drops[reason.Name] = reason.Value.GetInt64();
        return new(
            Number(counters, "rxPackets"), Number(counters, "rxBytes"), Number(counters, "rxErrors"),
            Number(counters, "txPackets"), Number(counters, "txBytes"), Number(counters, "txErrors"), drops);
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static string? Text(JsonElement element, string name) => Member(element, name)?.GetString();

    private static long Number(JsonElement element, string name, long max = long.MaxValue)
    {
        var number = Member(element, name)?.GetInt64() ?? 0;
        return number >= 0 && number <= max ? number : throw new FormatException($"{name} is out of range.");
    }
}
