using System.Globalization;

namespace Qanat.Vpn;

/// <summary>Reads how long something is good.</summary>
public static class VpnTime
{
    private const string Units = "a number and s, m, h, d or w, as in 30d";
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(36_525);
    private static readonly string[] s_dates = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"];

    /// <summary>A time span: <c>90s</c>, <c>15m</c>, <c>24h</c>, <c>30d</c>, <c>2w</c>.</summary>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="VpnException">It is none, or longer than a century.</exception>
    public static TimeSpan Span(string what, string text) => TrySpan(text) switch
    {
        null => throw new VpnException($"{what}: \"{VpnText.Shown(text)}\" is no time; say {Units}"),
        { } span when span > s_longest => throw new VpnException($"{what}: {VpnText.Shown(text)} is more than a hundred years"),
        { } span => span,
    };

    /// <summary>A moment to come: a time span from now, or a date, which begins at midnight UTC unless it says otherwise.</summary>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="text"><c>30d</c>, <c>2030-12-31</c>, <c>2030-12-31T18:00Z</c>.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="VpnException">It is none, is over, or is more than a century away.</exception>
    public static DateTimeOffset Moment(string what, string text, DateTimeOffset now)
    {
        if (TrySpan(text) is null && !DateTimeOffset.TryParseExact(
            text, s_dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out _))
            throw new VpnException($"{what}: \"{VpnText.Shown(text)}\" is no time; say {Units}, or a date such as 2030-12-31");
        var moment = TrySpan(text) is not null
            ? now + Span(what, text)
            : DateTimeOffset.ParseExact(
                text, s_dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return moment <= now ? throw new VpnException($"{what}: {VpnText.Shown(text)} is over already")
            : moment - now > s_longest ? throw new VpnException($"{what}: {VpnText.Shown(text)} is more than a hundred years away")
            : moment;
    }

    private static TimeSpan? TrySpan(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length < 2 || !uint.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var seconds = number * text[^1] switch
        {
            's' => 1.0,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => double.NaN,
        };
        return double.IsNaN(seconds) ? null
            : seconds > s_longest.TotalSeconds ? TimeSpan.MaxValue
            : TimeSpan.FromSeconds(seconds);
    }
}
