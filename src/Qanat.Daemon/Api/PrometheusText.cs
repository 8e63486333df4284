using System.Globalization;
using System.Text;

namespace Qanat.Daemon.Api;

/// <summary>Text in Prometheus' exposition format 0.0.4, a metric after the other.</summary>
internal sealed class PrometheusText
{
    private readonly StringBuilder _text = new();

    /// <summary>Begins a metric, whose samples follow.</summary>
    public void Describe(string name, string type, string help) =>
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    /// <summary>Writes a sample.</summary>
    public void Sample(string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var label in labels)
        {
            _text.Append(separator).Append(label.Name).Append("=\"").Append(Escape(label.Value)).Append('"');
            separator = ',';
        }
        if (labels.Length > 0)
            _text.Append('}');
        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>What is written.</summary>
    public override string ToString() => _text.ToString();

    // A device's name may have any byte but a few; the format wants these three escaped.
    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
}
