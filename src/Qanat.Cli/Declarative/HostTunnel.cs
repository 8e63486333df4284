using Qanat.Daemon.Api;

namespace Qanat.Cli.Declarative;

/// <summary>A tunnel with what its device has: as the file wants it, or as it is.</summary>
internal sealed class HostTunnel
{
    /// <summary>The tunnel.</summary>
    public required TunnelSpec Spec { get; init; }

    /// <summary>Whether the device is up.</summary>
    public bool Up { get; set; } = true;

    /// <summary>The device's MTU in bytes; null when the file leaves it to the daemon.</summary>
    public int? Mtu { get; set; }

    /// <summary>The device's addresses.</summary>
    public List<HostAddress> Addresses { get; } = [];

    /// <summary>The routes that lead into it.</summary>
    public List<HostRoute> Routes { get; } = [];

    /// <summary>What its forwarding table was given, when it has one.</summary>
    public List<FdbEntry> Forwarding { get; } = [];

    /// <summary>The mode.</summary>
    public ModeSet Mode => ModeSets.Of(Spec.Mode);

    /// <summary>The device's name.</summary>
    public string Name => Spec.Name;

    /// <summary>The same without the addresses that the kernel makes by itself.</summary>
    public HostTunnel WithoutKernels()
    {
        var tunnel = new HostTunnel { Spec = Spec, Up = Up, Mtu = Mtu };
        tunnel.Addresses.AddRange(Addresses.Where(address => !address.IsKernels));
        tunnel.Routes.AddRange(Routes);
        tunnel.Forwarding.AddRange(Forwarding);
        return tunnel;
    }

    /// <summary>A tunnel of a mode with everything at its default.</summary>
    public static HostTunnel Default(string name, string mode)
    {
        var set = ModeSets.Of(mode);
        return new()
        {
            Spec = new()
            {
                Name = name,
                Mode = mode,
                Ttl = (set & ModeSet.OverIPv6) != 0 ? (byte)64 : (byte)0,
                IPv6 = (set & ModeSet.OverIPv6) != 0 ? new() { EncapLimit = 4 } : null,
                Vxlan = set == ModeSet.Vxlan ? new() : null,
                L2tp = set == ModeSet.L2tp ? new() : null,
            },
        };
    }
}
