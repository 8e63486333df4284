using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>The words about the optional fields of the GRE header, and about the keys of vti.</summary>
/// <param name="before">What the tunnel has already.</param>
internal sealed class GreWords(GreSpec? before)
{
    // The order decides what an abbreviation means.
    private static readonly string[] Keywords =
    [
        "key", "nokey", "ikey", "noikey", "okey", "nookey", "seq", "noseq", "iseq", "noiseq", "oseq", "nooseq", "csum", "nocsum", "icsum",
        "noicsum", "ocsum", "noocsum",
    ];

    /// <summary>What the words make of it.</summary>
    public GreSpec Spec { get; } = before is null ? new() : before with { };

    /// <summary>Reads the current word, and its value, when it is one of these.</summary>
    /// <param name="words">The words.</param>
    /// <param name="keysAlone">Whether <c>key</c>, <c>ikey</c> and <c>okey</c> are the only ones, as with vti.</param>
    /// <exception cref="CommandFailure">The value is none.</exception>
    public bool TryRead(Words words, bool keysAlone = false)
    {
        if (Array.Find(Keywords, keyword => words.Is(keyword)) is not { } keyword ||
            (keysAlone && keyword is not ("key" or "ikey" or "okey")))
            return false;
        var set = !keyword.StartsWith("no", StringComparison.Ordinal);
        var name = set ? keyword : keyword[2..];
        var (input, output) = (name[0] != 'o', name[0] != 'i');
        switch (name)
        {
            case "key" or "ikey" or "okey":
                uint? key = set ? ParseKey(name, words.Value()) : null;
                Spec.InputKey = input ? key : Spec.InputKey;
                Spec.OutputKey = output ? key : Spec.OutputKey;
                break;
            case "seq" or "iseq" or "oseq":
                Spec.InputSequence = input ? set : Spec.InputSequence;
                Spec.OutputSequence = output ? set : Spec.OutputSequence;
                break;
            default:
                Spec.InputChecksum = input ? set : Spec.InputChecksum;
                Spec.OutputChecksum = output ? set : Spec.OutputChecksum;
                break;
        }
        return true;
    }

    /// <summary>Uses <paramref name="key"/> where none was given: a multicast tunnel's group.</summary>
    public void DefaultKey(uint key)
    {
        if (Spec.InputKey is null or 0)
            Spec.InputKey = key;
        if (Spec.OutputKey is null or 0)
            Spec.OutputKey = key;
    }

    // A number, or a dotted quad.
    private static uint ParseKey(string keyword, string text)
    {
        if (text.Contains('.'))
            return Addresses.ParseIPv4(text).Value;
        return Numbers.TryParseUInt(text, 0, out var key)
            ? key
            : throw CommandFailure.Nonsense($"invalid value for \"{keyword}\": \"{text}\"; it should be an unsigned integer");
    }
}
