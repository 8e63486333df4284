namespace Qanat.Linux.Netlink;

/// <summary>What a device is to be given, one of many.</summary>
/// <param name="Index">Its index.</param>
public sealed record LinkSettings(int Index)
{
    /// <summary>Whether it is to be on; null leaves it.</summary>
    public bool? Up { get; init; }

    /// <summary>The largest packet that it is to take, in bytes; null leaves it.</summary>
    public int? Mtu { get; init; }
}

/// <summary>A device that the kernel refused to set up, one of many.</summary>
/// <param name="Settings">What it was to be given.</param>
/// <param name="Reason">Why not.</param>
public sealed record LinkRefusal(LinkSettings Settings, LinuxException Reason);
