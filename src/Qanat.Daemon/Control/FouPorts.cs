using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>A port's description in users' words, to the data plane's parameters and back.</summary>
internal static class FouPorts
{
    /// <summary>Reads a description.</summary>
    /// <exception cref="LinuxException">EINVAL: it makes no sense. ENODEV: no such device.</exception>
    public static FouPortParameters Parse(string operation, FouPort port, ITunnelDevices devices)
    {
        var parameters = Parse(operation, port);
        if (string.IsNullOrEmpty(port.Dev))
            return parameters;
        var device = devices.Find(port.Dev) ?? throw new LinuxException(operation, Errno.ENODEV, $"cannot find device \"{port.Dev}\"");
        return parameters with { Link = device.Index };
    }

    /// <summary>What tells a port from others (fou_cfg_cmp): what follows the UDP header does not count.</summary>
    /// <exception cref="LinuxException">EINVAL: it makes no sense.</exception>
    public static (FouPortParameters Bound, string? Dev) Identity(string operation, FouPort port) =>
        (Parse(operation, port) with { Type = default, Protocol = 0 }, string.IsNullOrEmpty(port.Dev) ? null : port.Dev);

    // All but the device.
    private static FouPortParameters Parse(string operation, FouPort port)
    {
        if (port.Port is < 1 or > ushort.MaxValue)
            throw Bad($"port: 1 to 65535 is expected rather than {port.Port}");
        if (port.Family is not ("inet" or "inet6"))
            throw Bad($"family: inet or inet6 is expected rather than \"{port.Family}\"");
        if (port.PeerPort is < 0 or > ushort.MaxValue)
            throw Bad($"peerPort: 0 to 65535 is expected rather than {port.PeerPort}");
        var (local, peer) = (Address("local", port.Local), Address("peer", port.Peer));
        if (peer.IsAny != (port.PeerPort == 0))
            throw Bad("both peer and peerPort must be set, or neither");
        return new((ushort)port.Port, port.Gue ? EncapType.Gue : EncapType.Fou, port.Protocol ?? 0, local, peer, (ushort)port.PeerPort);

        IpAddress Address(string field, string text)
        {
            var inet6 = port.Family == "inet6";
            if (text == "any")
                return IpAddress.Any(inet6);
            return IpAddress.TryParse(text, out var address) && address.IsIPv6 == inet6
                ? address
                : throw Bad($"{field}: an address of family {port.Family} or \"any\" is expected rather than \"{text}\"");
        }

        LinuxException Bad(string why) => new(operation, Errno.EINVAL, why);
    }

    /// <summary>Describes a port.</summary>
    public static FouPort Describe(FouPortParameters parameters, string? dev) => new()
    {
        Port = parameters.Port,
        Family = parameters.Local.IsIPv6 ? "inet6" : "inet",
        Protocol = parameters.Type == EncapType.Gue ? null : parameters.Protocol,
        Gue = parameters.Type == EncapType.Gue,
        Local = Text(parameters.Local),
        Peer = Text(parameters.Peer),
        PeerPort = parameters.PeerPort,
        Dev = parameters.Link == 0 ? null : dev,
    };

    private static string Text(IpAddress address) => address.IsAny ? "any" : address.ToString();
}
