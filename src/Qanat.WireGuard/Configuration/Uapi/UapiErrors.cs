namespace Qanat.WireGuard.Configuration;

/// <summary>The results of the configuration protocol: negative numbers of errno, as wireguard-go gives them (device/uapi.go).</summary>
public static class UapiErrors
{
    /// <summary>It is done.</summary>
    public const int None = 0;

    /// <summary>EIO: the request cannot be read on.</summary>
    public const int Io = -5;

    /// <summary>EBUSY: as many as may listen to events do already.</summary>
    public const int Busy = -16;

    /// <summary>EINVAL: a key or a value that there is not.</summary>
    public const int Invalid = -22;

    /// <summary>EPROTO: a line that is no <c>key=value</c>.</summary>
    public const int Protocol = -71;

    /// <summary>EADDRINUSE: the port, or the mark, cannot be had.</summary>
    public const int PortInUse = -98;
}
