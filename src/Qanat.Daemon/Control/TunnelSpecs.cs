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
    /// <exception cref="LinuxException">
    /// EINVAL: a member makes no sense, or not with this mode. ENODEV: no such underlay device.
    /// </exception>
    public static TunnelParameters Parse(string operation, TunnelSpec spec, ITunnelDevices devices) =>
        Parse(operation, spec) with { Link = string.IsNullOrEmpty(spec.Dev) ? 0 : FindLink(operation, spec.Dev, devices) };

    /// <summary>Reads a description but for the underlay device.</summary>
    /// <exception cref="LinuxException">EINVAL: a member makes no sense, or not with this mode.</exception>
    public static TunnelParameters Parse(string operation, TunnelSpec spec)
    {
        if (!ModeFacts.TryParse(spec.Mode, out var mode))
            throw UnknownMode(operation, spec.Mode);
        var facts = ModeFacts.Of(mode);
        var fields = new SpecFields(operation, facts);
        var local = fields.Address("local", spec.Local);
        var remote = fields.Address("remote", spec.Remote);
        if (facts.OverIPv6 is null && local.IsIPv6 != remote.IsIPv6)
        {
            if (!local.IsAny && !remote.IsAny)
                throw fields.Wrong("local and remote must be of one address family");
            var isIPv6 = (local.IsAny ? remote : local).IsIPv6;
            (local, remote) = (local.IsAny ? IpAddress.Any(isIPv6) : local, remote.IsAny ? IpAddress.Any(isIPv6) : remote);
        }
        var parameters = new TunnelParameters
        {
            Mode = mode,
            Local = local,
            Remote = remote,
            Ttl = spec.Ttl,
            Tos = spec.Tos,
            PathMtuDiscovery = spec.Pmtudisc || (spec.Ttl != 0 && !spec.IgnoreDf), // a fixed TTL forces DF (ip_tunnel_ctl)
            IgnoreDf = spec.IgnoreDf,
            Mark = spec.Mark,
            Inner = fields.Inner(mode, spec.Inner),
            Gre = fields.Gre(mode, spec.Gre),
            Sit = fields.Sit(spec.Sit),
            IPv6 = fields.IPv6(spec.IPv6),
            Encap = fields.Encap(mode, spec.Encap),
            Vxlan = fields.Vxlan(spec.Vxlan),
            L2tp = fields.L2tp(spec.L2tp),
        };
        if (spec.IgnoreDf && mode is not (TunnelMode.Gre or TunnelMode.Gretap))
            throw fields.Wrong($"ignoreDf is not for {facts.Word}, but for gre and gretap");
        if (spec.IgnoreDf && spec.Pmtudisc)
            throw fields.Wrong("ignoreDf and pmtudisc are incompatible");
        return parameters;
    }

    /// <summary>What is thrown for a mode that there is not.</summary>
    public static LinuxException UnknownMode(string operation, string? word) =>
        new(operation, Errno.EINVAL, $"unknown tunnel mode \"{word}\"; known: {TunnelModes.Names}");

    /// <summary>Describes a tunnel.</summary>
    /// <param name="name">The device's name.</param>
    /// <param name="parameters">What was set.</param>
    /// <param name="link">The underlay device's name, null when there is none or it has gone.</param>
    public static TunnelSpec Describe(string name, TunnelParameters parameters, string? link) => new()
    {
        Name = name,
        Mode = ModeFacts.Of(parameters.Mode).Word,
        Local = Text(parameters.Local),
        Remote = Text(parameters.Remote),
        Ttl = parameters.Ttl,
        Tos = parameters.Tos,
        Pmtudisc = parameters.PathMtuDiscovery,
        IgnoreDf = parameters.IgnoreDf,
        Mark = parameters.Mark,
        Inner = SpecTexts.Inner(parameters.Inner),
        Dev = parameters.Link == 0 ? null : link ?? $"if{parameters.Link}",
        Gre = SpecTexts.Gre(parameters.Gre),
        Sit = SpecTexts.Sit(parameters.Sit),
        IPv6 = SpecTexts.IPv6(parameters.IPv6),
        Encap = SpecTexts.Encap(parameters.Encap),
        Vxlan = SpecTexts.Vxlan(parameters.Vxlan),
        L2tp = SpecTexts.L2tp(parameters.L2tp),
    };

    /// <summary>An address as users write it.</summary>
    public static string Text(IpAddress address) => address.IsAny ? "any" : address.ToString();

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
