using System.Net;
using Qanat.Cli.Declarative.Keys;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Declarative;

/// <summary>An address of a tunnel's device.</summary>
internal sealed record HostAddress
{
    /// <summary>The address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Bits of its network, or of the peer's when there is one.</summary>
    public required byte PrefixLength { get; init; }

    /// <summary>The address at the far end; null when there is none.</summary>
    public IPAddress? Peer { get; set; }

    /// <summary>Its label; null when that is the device's name.</summary>
    public string? Label { get; set; }

    /// <summary>Not to be chosen for new connections (netplan's <c>lifetime: 0</c>).</summary>
    public bool Deprecated { get; set; }

    /// <summary>The kernel makes such addresses by itself, so that one which is not in the file is left alone.</summary>
    public bool IsKernels => Address.IsIPv6LinkLocal;

    /// <summary>What a device has; null for what the kernel or a protocol made, for it is to go again.</summary>
    public static HostAddress? FromKernel(InterfaceAddress address, string device) =>
        !address.Flags.HasFlag(AddressFlags.Permanent) ? null : new()
        {
            Address = address.Address,
            PrefixLength = address.PrefixLength,
            Peer = address.Peer,
            Label = address.Label == device ? null : address.Label,
            Deprecated = address.PreferredLifetime == TimeSpan.Zero,
        };

    /// <summary>The same for the kernel.</summary>
    public InterfaceAddress ToKernel(int device) => new()
    {
        InterfaceIndex = device,
        Address = Address,
        PrefixLength = PrefixLength,
        Peer = Peer,
        Label = Label,
        PreferredLifetime = Deprecated ? TimeSpan.Zero : null,
    };

    /// <summary>As <c>ip address</c> writes it: <c>192.168.1.1/32 peer 192.168.1.2</c>.</summary>
    public override string ToString() => AddressKeys.Text(this);
}
