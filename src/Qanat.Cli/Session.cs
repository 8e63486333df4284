using Qanat.Cli.Client;
using Qanat.Cli.Commands.Vpn;
using Qanat.Cli.Declarative;
using Qanat.Cli.Iproute2;
using Qanat.Cli.Iproute2.Links;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli;

/// <summary>What a command works with: the real machine, or a test's.</summary>
internal sealed record Session
{
    /// <summary>Standard output.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Gets the daemon of the network namespace that the calling thread is in.</summary>
    public required Func<IQanatClient> Connect { get; init; }

    /// <summary>Gets the IPsec states and policies of that daemon.</summary>
    public required Func<IXfrmClient> ConnectXfrm { get; init; }

    /// <summary>Whether this network namespace has a device of that name.</summary>
    public required Func<string, bool> DeviceExists { get; init; }

    /// <summary>The WireGuard interfaces of this machine.</summary>
    public Func<InterfaceSockets> Interfaces { get; init; } = static () => new();

    /// <summary>Opens the devices of the network namespace that the calling thread is in.</summary>
    public Func<IDeviceNetwork> Network { get; init; } = () => new LinuxDeviceNetwork();

    /// <summary>The devices of the network namespace that the calling thread is in.</summary>
    public ILinkDevices Links { get; init; } = new LinkDevices();

    /// <summary>What networks of a hub and its peers stand on.</summary>
    public VpnSurroundings Vpn { get; init; } = new();

    /// <summary>Names of TOS values.</summary>
    public DsFields Tos { get; init; } = DsFields.Default;

    /// <summary>Names of IP protocols.</summary>
    public ProtocolNames Protocols { get; init; } = ProtocolNames.Default;

    /// <summary>The colours that options ask for.</summary>
    public Func<GlobalOptions, Palette> Palette { get; init; } = _ => Iproute2.Palette.None;

    /// <summary>What prints tunnels over IPv4.</summary>
    public TunnelRenderer Renderer(GlobalOptions options) => new(Out, options, Tos, Palette(options));

    /// <summary>What prints tunnels over IPv6.</summary>
    public Tunnel6Renderer Renderer6(GlobalOptions options) => new(Out, options, Palette(options));
}
