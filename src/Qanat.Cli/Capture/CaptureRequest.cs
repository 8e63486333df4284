namespace Qanat.Cli.Capture;

/// <summary>What <c>qanat capture</c> is asked for.</summary>
internal sealed record CaptureRequest
{
    /// <summary>The devices; <c>any</c> for all.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>The filter's words; empty for everything.</summary>
    public string Expression { get; init; } = "";

    /// <summary>A capture to read in place of devices.</summary>
    public string? Input { get; init; }

    /// <summary>Where packets are written rather than printed; <c>-</c> for standard output.</summary>
    public string? Output { get; init; }

    /// <summary>Packets after which to end; 0 for no end.</summary>
    public int Count { get; init; }

    /// <summary>Bytes of each packet that are kept.</summary>
    public int SnapLength { get; init; }

    /// <summary>Whether each packet is a line of JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Whether link-layer headers are printed.</summary>
    public bool LinkHeader { get; init; }

    /// <summary>Whether the bytes are printed.</summary>
    public bool Hexadecimal { get; init; }

    /// <summary>Whether frames for others are wanted.</summary>
    public bool Promiscuous { get; init; }
}
