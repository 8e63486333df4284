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
internal static class ReportReader
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
        SpecReader.Read(tunnel.GetProperty("spec")),
        (int)tunnel.Number("index", int.MaxValue),
        (int)tunnel.Number("mtu", int.MaxValue),
        tunnel.Flag("up"),
        Counters(tunnel.GetProperty("counters")));

    private static CounterReport Counters(JsonElement counters)
    {
        var drops = new Dictionary<string, long>();
        if (counters.Member("drops") is { } reasons)
            foreach (var reason in reasons.EnumerateObject())
                drops[reason.Name] = reason.Value.GetInt64();
        return new(
            counters.Number("rxPackets"), counters.Number("rxBytes"), counters.Number("rxErrors"),
            counters.Number("rxMulticast"), counters.Number("txPackets"), counters.Number("txBytes"), counters.Number("txErrors"),
            drops);
    }
}
