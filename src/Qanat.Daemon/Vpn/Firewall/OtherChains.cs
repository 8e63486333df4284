using System.Text.Json;

namespace Qanat.Daemon.Vpn.Firewall;

/// <summary>The chains of others, which a hub does not touch, and which may keep from it what it lets through.</summary>
internal static class OtherChains
{
    /// <summary>Those that drop what no rule of theirs lets be passed on: <c>inet filter forward</c>.</summary>
    /// <param name="json">What <c>nft -j list chains</c> prints (libnftables-json(5)).</param>
    /// <param name="own">The name of the hub's own tables.</param>
    public static IReadOnlyList<string> ThatDropForwarded(string json, string own)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return
            [
                .. document.RootElement.GetProperty("nftables").EnumerateArray()
                    .Where(item => item.TryGetProperty("chain", out var chain) && Text(chain, "hook") == "forward" &&
                        Text(chain, "policy") == "drop" && Text(chain, "table") != own)
                    .Select(item => item.GetProperty("chain"))
                    .Select(chain => $"{Text(chain, "family")} {Text(chain, "table")} {Text(chain, "name")}"),
            ];
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return []; // an nft without JSON
        }
    }

    private static string? Text(JsonElement chain, string member) =>
        chain.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
