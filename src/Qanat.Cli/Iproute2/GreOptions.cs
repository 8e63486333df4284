using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>Optional fields of the GRE header (linux/if_tunnel.h: GRE_CSUM, GRE_KEY, GRE_SEQ); vti has the key alone.</summary>
[Flags]
internal enum GreFlags
{
    None = 0,
    Checksum = 1,
    Key = 2,
    Sequence = 4,
}

/// <summary>Keys, checksums and sequence numbers, of what arrives (<c>ikey</c>) and of what leaves (<c>okey</c>).</summary>
internal sealed class GreOptions
{
    /// <summary>What arriving packets must carry.</summary>
    public GreFlags InputFlags { get; private set; }

    /// <summary>What leaving packets carry.</summary>
    public GreFlags OutputFlags { get; private set; }

    /// <summary>The key of arriving packets.</summary>
    public uint InputKey { get; private set; }

    /// <summary>The key of leaving packets.</summary>
    public uint OutputKey { get; private set; }

    /// <summary>Whether a key was given, 0 among them.</summary>
    public bool HasKey => ((InputFlags | OutputFlags) & GreFlags.Key) != 0;

    /// <summary>The key that arriving packets must have; null for none.</summary>
    public uint? RequiredKey => (InputFlags & GreFlags.Key) != 0 ? InputKey : null;

    /// <summary>The options of a tunnel that exists.</summary>
    public static GreOptions From(GreSpec? spec)
    {
        var options = new GreOptions { InputKey = spec?.InputKey ?? 0, OutputKey = spec?.OutputKey ?? 0 };
        options.Set(GreFlags.Key, spec?.InputKey is not null, spec?.OutputKey is not null);
        options.Set(GreFlags.Checksum, spec?.InputChecksum ?? false, spec?.OutputChecksum ?? false);
        options.Set(GreFlags.Sequence, spec?.InputSequence ?? false, spec?.OutputSequence ?? false);
        return options;
    }

    /// <summary>The same for the daemon; null when there are none.</summary>
    public GreSpec? ToSpec() => (InputFlags | OutputFlags) == GreFlags.None ? null : new()
    {
        InputKey = RequiredKey,
        OutputKey = (OutputFlags & GreFlags.Key) != 0 ? OutputKey : null,
        InputChecksum = (InputFlags & GreFlags.Checksum) != 0,
        OutputChecksum = (OutputFlags & GreFlags.Checksum) != 0,
        InputSequence = (InputFlags & GreFlags.Sequence) != 0,
        OutputSequence = (OutputFlags & GreFlags.Sequence) != 0,
    };

    /// <summary>The keys alone, which are all that vti has; null when there are none.</summary>
    public GreSpec? KeysToSpec() =>
        HasKey && ToSpec() is { } all ? new() { InputKey = all.InputKey, OutputKey = all.OutputKey } : null;

    /// <summary>Reads the current word, and its value, when it is one of these options.</summary>
    /// <exception cref="CommandFailure">The key is none.</exception>
    public bool TryRead(Words words)
    {
        switch (words.Current)
        {
            case "key":
                InputKey = OutputKey = ParseKey(words);
                Set(GreFlags.Key, input: true, output: true);
                return true;
            case "ikey":
                InputKey = ParseKey(words);
                Set(GreFlags.Key, input: true);
                return true;
            case "okey":
                OutputKey = ParseKey(words);
                Set(GreFlags.Key, output: true);
                return true;
            case "seq":
                return Set(GreFlags.Sequence, input: true, output: true);
            case "iseq":
                return Set(GreFlags.Sequence, input: true);
            case "oseq":
                return Set(GreFlags.Sequence, output: true);
            case "csum":
                return Set(GreFlags.Checksum, input: true, output: true);
            case "icsum":
                return Set(GreFlags.Checksum, input: true);
            case "ocsum":
                return Set(GreFlags.Checksum, output: true);
            default:
                return false;
        }
    }

    /// <summary>Uses <paramref name="key"/> where none was given: a multicast tunnel's group.</summary>
    public void DefaultKey(uint key)
    {
        if (InputKey == 0)
        {
            InputKey = key;
            Set(GreFlags.Key, input: true);
        }
        if (OutputKey == 0)
        {
            OutputKey = key;
            Set(GreFlags.Key, output: true);
        }
    }

    private bool Set(GreFlags flag, bool input = false, bool output = false)
    {
        InputFlags |= input ? flag : GreFlags.None;
        OutputFlags |= output ? flag : GreFlags.None;
        return true;
    }

    // A number, or a dotted quad.
    private static uint ParseKey(Words words)
    {
        var keyword = words.Current;
        var text = words.Value();
        if (text.Contains('.'))
            return Addresses.ParseIPv4(text).Value;
        return Numbers.TryParseUInt(text, 0, out var key)
            ? key
            : throw CommandFailure.Nonsense($"invalid value for \"{keyword}\": \"{text}\"; it should be an unsigned integer");
    }
}
