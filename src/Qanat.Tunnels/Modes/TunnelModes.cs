namespace Qanat.Tunnels.Modes;

/// <summary>The modes there are. A new one is a file beside this one and a line here.</summary>
public static class TunnelModes
{
    private static readonly ITunnelMode[] s_modes = [new Ipip()];

    /// <summary>What <paramref name="mode"/> does.</summary>
    internal static ITunnelMode Get(TunnelMode mode) => s_modes[(int)mode];

    /// <summary>The words of all modes, for people.</summary>
    public static string Names => string.Join(", ", s_modes.Select(mode => mode.Name));

    /// <summary>The word of <paramref name="mode"/>.</summary>
    public static string Name(TunnelMode mode) => Get(mode).Name;

    /// <summary>The mode whose word is <paramref name="name"/>.</summary>
    public static bool TryParse(string? name, out TunnelMode mode)
    {
        var index = Array.FindIndex(s_modes, m => m.Name == name);
        mode = (TunnelMode)Math.Max(index, 0);
        return index >= 0;
    }
}
