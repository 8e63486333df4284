using System.Text.Json;

namespace Qanat.Cli.Client;

/// <summary>Members of a JSON object that may be missing, or null.</summary>
internal static class JsonMembers
{
    /// <summary>The member of a name; null when there is none.</summary>
    public static JsonElement? Member(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>A member that is text.</summary>
    public static string? Text(this JsonElement element, string name) => element.Member(name)?.GetString();

    /// <summary>A member that is true or false.</summary>
    public static bool Flag(this JsonElement element, string name, bool otherwise = false) =>
        element.Member(name)?.GetBoolean() ?? otherwise;

    /// <summary>A member that is a number from 0 on.</summary>
    /// <exception cref="FormatException">It is out of range.</exception>
    public static long Number(this JsonElement element, string name, long max = long.MaxValue, long otherwise = 0) =>
        element.OptionalNumber(name, max) ?? otherwise;

    /// <summary>The same; null when there is none.</summary>
    /// <exception cref="FormatException">It is out of range.</exception>
    public static long? OptionalNumber(this JsonElement element, string name, long max = long.MaxValue) =>
        element.Member(name)?.GetInt64() switch
        {
            null => null,
            >= 0 and var number when number <= max => number,
            _ => throw new FormatException($"{name} is out of range."),
        };
}
