using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>The modes by the words that users write.</summary>
internal static class TunnelModes
{
    private static readonly Dictionary<string, TunnelMode> ByName =
        Enum.GetValues<TunnelMode>().ToDictionary(Name, StringComparer.Ordinal);

    /// <summary>The mode's word: <c>ipip</c>.</summary>
#pragma warning disable CA1308 // words of the command line are lower case
    public static string Name(TunnelMode mode) => mode.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>Finds a mode by its word.</summary>
    public static bool TryParse(string word, out TunnelMode mode) => ByName.TryGetValue(word, out mode);

    /// <summary>All the words, for people.</summary>
    public static string All => string.Join(", ", ByName.Keys);
}
