namespace Qanat.Packets;

/// <summary>What begins at a captured packet's first byte (the LINKTYPE_ registry of the tcpdump group).</summary>
public enum CaptureLinkType : ushort
{
    /// <summary>A loopback header of BSD's.</summary>
    Null = 0,

    /// <summary>An Ethernet frame.</summary>
    Ethernet = 1,

    /// <summary>An IPv4 or IPv6 packet.</summary>
    Raw = 101,

    /// <summary>An IPv4 packet.</summary>
    IPv4 = 228,

    /// <summary>An IPv6 packet.</summary>
    IPv6 = 229,

    /// <summary>The header of Linux's <c>any</c> device, second form.</summary>
    LinuxSll2 = 276,
}

/// <summary>Where a packet was going when it was captured.</summary>
public enum CaptureDirection : byte
{
    /// <summary>Nobody said.</summary>
    Unknown = 0,

    /// <summary>Into the host.</summary>
    Inbound = 1,

    /// <summary>Out of the host.</summary>
    Outbound = 2,
}

/// <summary>Where packets were captured.</summary>
/// <param name="Name">The device's name, or what stands for it.</param>
/// <param name="LinkType">What its packets begin with.</param>
/// <param name="SnapLength">Bytes that are kept of each packet; 0 for all.</param>
/// <param name="Description">Words about it.</param>
/// <param name="Filter">The filter expression that packets had to pass.</param>
public sealed record CaptureInterface(
    string Name, CaptureLinkType LinkType, int SnapLength = 0, string? Description = null, string? Filter = null);

/// <summary>What is known of a captured packet, beside its bytes.</summary>
public readonly record struct CapturedPacket
{
    /// <summary>The number of its <see cref="CaptureInterface"/>, counted from 0.</summary>
    public int Interface { get; init; }

    /// <summary>When it passed: nanoseconds since the beginning of 1970, UTC.</summary>
    public long Timestamp { get; init; }

    /// <summary>Its bytes on the wire, of which fewer may have been kept.</summary>
    public int OriginalLength { get; init; }

    /// <summary>A number that the same packet has on each interface that it passed; 0 for none.</summary>
    public ulong Id { get; init; }

    /// <summary>Where it was going.</summary>
    public CaptureDirection Direction { get; init; }

    /// <summary>Words about it, such as why it was dropped.</summary>
    public string? Comment { get; init; }
}

/// <summary>What an interface has counted by the end of a capture.</summary>
/// <param name="Received">Packets that came.</param>
/// <param name="Dropped">Packets that were lost before they were captured, for want of room.</param>
public readonly record struct CaptureStatistics(ulong Received, ulong Dropped);
