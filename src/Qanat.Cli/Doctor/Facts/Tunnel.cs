using System.Net;
using Qanat.Cli.Iproute2;
using Qanat.Daemon.Api;

namespace Qanat.Cli.Doctor.Facts;

/// <summary>A tunnel whose outer side is known: Qanat's, or the kernel's own.</summary>
internal sealed record Tunnel
{
    private const int IPv4HeaderLength = 20;

    /// <summary>Its device's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its device's index.</summary>
    public required int Index { get; init; }

    /// <summary>Its mode, or the kind of its device: <c>ipip</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>Our outer address; null for any.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>The far end's; null for any.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>Index of the device that outer packets must leave by; 0 for any.</summary>
    public int BoundTo { get; init; }

    /// <summary>Bytes of headers that an outer packet has more than the inner one.</summary>
    public int Overhead { get; init; } = IPv4HeaderLength;

    /// <summary>The outer header's protocol number; null when it is not known, or has ports of its own.</summary>
    public int? Protocol { get; init; }

    /// <summary>Whether Qanat's daemon keeps it.</summary>
    public bool IsOurs { get; init; }

    /// <summary>Packets that it dropped, by reason.</summary>
    public IReadOnlyDictionary<string, long> Drops { get; init; } = new Dictionary<string, long>();

    /// <summary>One of the daemon's.</summary>
    /// <param name="report">What the daemon says of it.</param>
    /// <param name="indexOf">Finds a device's index by its name.</param>
    public static Tunnel Of(TunnelReport report, Func<string, int> indexOf) => new()
    {
        Name = report.Spec.Name,
        Index = report.Index,
        Mode = report.Spec.Mode,
        Local = AddressOf(report.Spec.Local),
        Remote = AddressOf(report.Spec.Remote),
        BoundTo = report.Spec.Dev is { } device ? indexOf(device) : 0,
        Protocol = TunnelMode.Find(report.Spec.Mode)?.Protocol,
        IsOurs = true,
        Drops = report.Counters.Drops,
    };

    /// <summary>One of the kernel's; null when the device is none.</summary>
    public static Tunnel? Of(Device device) => device.Details.Tunnel is not { } tunnel ? null : new()
    {
        Name = device.Name,
        Index = device.Index,
        Mode = device.Link.Kind ?? "",
        Local = tunnel.Local,
        Remote = tunnel.Remote,
        BoundTo = tunnel.Link,
        Overhead = tunnel.Overhead,
        Protocol = device.Link.Kind switch
        {
            "ipip" => 4,
            "sit" => 41,
            "gre" or "gretap" or "ip6gre" or "ip6gretap" => 47,
            _ => null,
        },
    };

    /// <summary>An address of the state file or the API; null for <c>any</c>, and for what is none.</summary>
    internal static IPAddress? AddressOf(string text) => IPAddress.TryParse(text, out var address) ? address : null;
}
