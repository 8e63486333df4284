namespace Qanat.Daemon.Api;

/// <summary>A UDP port that receives for tunnels (foo over UDP): an element of <c>/v1/fou</c>.</summary>
/// <remarks>
/// All but <see cref="Protocol"/> and <see cref="Gue"/> tell it from others, as in net/ipv4/fou_core.c (fou_cfg_cmp): they are what
/// <c>DELETE /v1/fou</c> takes as its query.
/// </remarks>
public sealed record FouPort
{
    /// <summary>The UDP port, 1 to 65535.</summary>
    public required int Port { get; set; }

    /// <summary>The outer header's family, <c>inet</c> or <c>inet6</c>.</summary>
    public string Family { get; set; } = "inet";

    /// <summary>The protocol of what follows the UDP header, 1 to 255; null when a GUE header follows.</summary>
    public byte? Protocol { get; set; }

    /// <summary>A GUE header follows the UDP header, and says what comes next.</summary>
    public bool Gue { get; set; }

    /// <summary>The address that it is bound to, or <c>any</c>.</summary>
    public string Local { get; set; } = "any";

    /// <summary>The one address that it hears, or <c>any</c>.</summary>
    public string Peer { get; set; } = "any";

    /// <summary>That peer's UDP port; 0 with any peer.</summary>
    public int PeerPort { get; set; }

    /// <summary>The device that it is bound to, if any.</summary>
    public string? Dev { get; set; }
}
