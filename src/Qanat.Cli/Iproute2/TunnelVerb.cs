namespace Qanat.Cli.Iproute2;

/// <summary>The commands of <c>tunnel</c>.</summary>
internal enum TunnelVerb
{
    Add,
    Change,
    Delete,
    Show,
    Prl,
    SixRd,
    Help,
}

/// <summary>The words for them.</summary>
internal static class TunnelVerbs
{
    // The order decides what an abbreviation means.
    private static readonly (string Word, TunnelVerb Verb)[] All =
    [
        ("add", TunnelVerb.Add), ("change", TunnelVerb.Change), ("delete", TunnelVerb.Delete), ("show", TunnelVerb.Show),
        ("lst", TunnelVerb.Show), ("list", TunnelVerb.Show), ("prl", TunnelVerb.Prl), ("6rd", TunnelVerb.SixRd), ("help", TunnelVerb.Help),
    ];

    /// <summary>What a word, or the beginning of one, means; null when it means nothing.</summary>
    public static TunnelVerb? Find(string word)
    {
        foreach (var (full, verb) in All)
            if (Words.Abbreviates(word, full))
                return verb;
        return null;
    }
}
