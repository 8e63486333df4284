namespace Qanat.Cli.Iproute2;

/// <summary>The colours of <c>-color</c>, for a light background or, where COLORFGBG says so, a dark one.</summary>
/// <param name="enabled">Whether anything is coloured.</param>
/// <param name="dark">Whether the background is dark.</param>
internal sealed class Palette(bool enabled, bool dark)
{
    /// <summary>No colours.</summary>
    public static Palette None { get; } = new(enabled: false, dark: false);

    /// <summary>The palette that the options ask for on this terminal.</summary>
    public static Palette For(GlobalOptions options, bool terminal, string? colorFgBg) => new(
        !options.Json && (options.Color == ColorOption.Always || (options.Color == ColorOption.Auto && terminal)),
        colorFgBg is not null && colorFgBg.LastIndexOf(';') is >= 0 and var at && colorFgBg[(at + 1)..] is ['8' or (>= '0' and <= '6')]);

    /// <summary>A device's name.</summary>
    public string Device(string text) => Paint(text, dark ? "1;36" : "36");

    /// <summary>An IPv4 address.</summary>
    public string Address(string text) => Paint(text, dark ? "1;35" : "35");

    /// <summary>An IPv6 address.</summary>
    public string Address6(string text) => Paint(text, dark ? "1;34" : "34");

    /// <summary>What is up, or well.</summary>
    public string Up(string text) => Paint(text, dark ? "1;32" : "32");

    /// <summary>What is down, or blocked.</summary>
    public string Down(string text) => Paint(text, dark ? "1;31" : "31");

    /// <summary>What may fail.</summary>
    public string Caution(string text) => Paint(text, dark ? "1;33" : "33");

    private string Paint(string text, string code) => enabled ? $"\e[{code}m{text}\e[0m" : text;
}
