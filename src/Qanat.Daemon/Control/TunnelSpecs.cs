using System.Globalization;
using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;
using Qanat.Tunnels.Modes;

namespace Qanat.Daemon.Control;

/// <summary>A tunnel's description in users' words, to the engine's parameters and back.</summary>
internal static class TunnelSpecs
{
    /// <summary>Reads a description.</summary>
    /// <exception cref="LinuxException">EINVAL: an unknown mode or a bad address. ENODEV: no such underlay device.</exception>
    public static TunnelParameters Parse(string operation, TunnelSpec spec, ITunnelDevices devices)
    {
        if (!TunnelModes.TryParse(spec.Mode, out var mode))
            throw new LinuxException(operation, Errno.EINVAL, $"unknown tunnel mode \"{spec.Mode}\"; known: {TunnelModes.Names}");
        return new()
        {
            Mode = mode,
            Local = ParseAddress(operation, "local", spec.Local),
            Remote = ParseAddress(operation, "remote", spec.Remote),
            Ttl = spec.Ttl,
            Tos = spec.Tos,
            PathMtuDiscovery = spec.Pmtudisc || spec.Ttl != 0, // a fixed TTL forces DF (ip_tunnel_ctl)
            Link = string.IsNullOrEmpty(spec.Dev) ? 0 : FindLink(operation, spec.Dev, devices),
        };
    }

    /// <summary>Describes a tunnel.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="parameters">What was set.</param>
    /// <param name="link">The underlay device's name, null when there is none or it has gone.</param>
    public static TunnelSpec Describe(string name, TunnelParameters parameters, string? link) => new()
    {
        Name = name,
        Mode = TunnelModes.Name(parameters.Mode),
        Local = Text(parameters.Local),
        Remote = Text(parameters.Remote),
        Ttl = parameters.Ttl,
        Tos = parameters.Tos,
        Pmtudisc = parameters.PathMtuDiscovery,
        Dev = parameters.Link == 0 ? null : link ?? $"if{parameters.Link}",
    };

    /// <summary>Reads an address as users write it.</summary>
    public static bool TryParseAddress(string text, out IPv4Address address)
    {
        address = IPv4Address.Any;
        return text == "any" || IPv4Address.TryParse(text, out address);
    }

    /// <summary>An address as users write it.</summary>
    public static string Text(IpAddress address) => address.IsAny ? "any" : address.ToString();

    private static IPv4Address ParseAddress(string operation, string field, string text) =>
        TryParseAddress(text, out var address)
            ? address
            : throw new LinuxException(operation, Errno.EINVAL, $"{field}: an IPv4 address or \"any\" is expected rather than \"{text}\"");

    // "if7" names the device with index 7, there or not: so is a device written whose name is no longer known.
    private static int FindLink(string operation, string name, ITunnelDevices devices)
    {
        if (devices.Find(name) is { } device)
            return device.Index;
        if (name.StartsWith("if", StringComparison.Ordinal) &&
            int.TryParse(name.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index > 0)
            return index;
        throw new LinuxException(operation, Errno.ENODEV, $"cannot find device \"{name}\"");
    }
}
