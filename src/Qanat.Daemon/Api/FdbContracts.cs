namespace Qanat.Daemon.Api;

/// <summary>
/// Where frames to an Ethernet address are sent: an element of <c>/v1/tunnels/{name}/fdb</c>, for tunnels of mode <c>vxlan</c>.
/// </summary>
/// <remarks>Several entries of one address are several destinations. Those of 00:00:00:00:00:00 get what no other entry is for.</remarks>
public sealed record FdbEntry
{
    /// <summary>The Ethernet address, six pairs of hexadecimal digits with colons.</summary>
    public required string Mac { get; set; }

    /// <summary>The address of the far end, of the tunnel's family.</summary>
    public required string Dst { get; set; }

    /// <summary>The far end's UDP port; null for the tunnel's.</summary>
    public int? Port { get; set; }

    /// <summary>The network identifier to send with; null for the tunnel's.</summary>
    public uint? Vni { get; set; }

    /// <summary>The device to send by; null to leave it to the routes.</summary>
    public string? Via { get; set; }

    /// <summary><c>permanent</c>, <c>static</c>, or <c>dynamic</c>: learnt, or to be forgotten as if it were.</summary>
    public string State { get; set; } = "permanent";

    /// <summary>Learning never moves it to another far end.</summary>
    public bool Sticky { get; set; }

    /// <summary>A control plane outside put it there.</summary>
    public bool ExternLearn { get; set; }

    /// <summary>Seconds since a frame used it; 0 in a request.</summary>
    public long Used { get; set; }

    /// <summary>Seconds since it was altered; 0 in a request.</summary>
    public long Updated { get; set; }
}

/// <summary>Which entries <c>/v1/tunnels/{name}/fdb:flush</c> takes: those of which all that is given holds.</summary>
public sealed record FdbFilter
{
    /// <summary>The states that are meant; null for all.</summary>
    public IReadOnlyList<string>? States { get; set; }

    /// <summary>Whether a control plane outside put them there; null for either.</summary>
    public bool? ExternLearn { get; set; }

    /// <summary>Whether learning never moves them; null for either.</summary>
    public bool? Sticky { get; set; }

    /// <summary>The address of the far end; null for any.</summary>
    public string? Dst { get; set; }

    /// <summary>The far end's UDP port, the tunnel's where the entry has none; null for any.</summary>
    public int? Port { get; set; }

    /// <summary>The network identifier, the tunnel's where the entry has none; null for any.</summary>
    public uint? Vni { get; set; }
}
