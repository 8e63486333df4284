namespace Qanat.WireGuard.Configuration;

/// <summary>Collects what there is to say about a file. Who reads on after a mistake finds the next one, but returns nothing.</summary>
internal sealed class ConfigRemarks
{
    private readonly List<ConfigRemark> _mistakes = [], _warnings = [];
    private int _more;

    /// <summary>True when there is a mistake.</summary>
    public bool IsWrong => _mistakes.Count > 0;

    /// <summary>Notes a mistake.</summary>
    public void Mistake(ConfigField field, string text) => Mistake(new(field.Line, field.Column, text));

    /// <summary>Notes a mistake.</summary>
    public void Mistake(ConfigRemark remark)
    {
        if (_mistakes.Count < ConfigReading.MostMistakes)
            _mistakes.Add(remark);
        else
            _more++;
    }

    /// <summary>Notes a value that is not what its key expects.</summary>
    /// <param name="field">The value, which is no key: it is shown.</param>
    /// <param name="key">Its key.</param>
    /// <param name="expected">What is expected.</param>
    public void Expect(ConfigField field, string key, string expected) =>
        Mistake(field, $"{key}: {expected} is expected {(field.IsEmpty ? "here" : $"rather than {field.Shown}")}");

    /// <summary>Notes what is allowed, but hardly meant.</summary>
    public void Warn(ConfigRemark remark)
    {
        if (_warnings.Count < ConfigReading.MostMistakes)
            _warnings.Add(remark);
    }

    /// <summary>What came of it.</summary>
    /// <param name="config">The file as it was read; it is returned when nothing is wrong.</param>
    public ConfigReading Conclude(WgQuickConfig config) => new()
    {
        Config = IsWrong ? null : config,
        Mistakes = Ordered(_mistakes),
        MoreMistakes = _more,
        Warnings = Ordered(_warnings),
    };

    private static ConfigRemark[] Ordered(List<ConfigRemark> remarks) =>
        [.. remarks.OrderBy(remark => remark.Line).ThenBy(remark => remark.Column)];
}
