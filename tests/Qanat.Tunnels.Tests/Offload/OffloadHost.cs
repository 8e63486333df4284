using Xunit;
using static Qanat.Tunnels.Tests.TestPackets;

namespace Qanat.Tunnels.Tests.Offload;

/// <summary>A tunnel that can be offloaded, and what an offload would make of its packets.</summary>
internal sealed class OffloadHost : IDisposable
{
    public const int Mtu = 1400;
    private const ushort Port = 5555;

    public static readonly TunnelParameters Ipip = new() { Mode = TunnelMode.Ipip, Local = Ip("192.0.2.2"), Remote = Ip("192.0.2.1") };
    public static readonly TunnelParameters Gre = Ipip with { Mode = TunnelMode.Gre };
    public static readonly TunnelParameters Sit = Ipip with { Mode = TunnelMode.Sit };
    public static readonly TunnelParameters Vxlan = Ipip with
    {
        Mode = TunnelMode.Vxlan, PathMtuDiscovery = false, Vxlan = new() { Id = 42, Port = 4789, Checksum = false },
    };

    public static readonly GreParameters Keys = new() { InputKey = 7, OutputKey = 0xC0A80001 };
    public static readonly EncapParameters InFou = new(EncapType.Fou, 0, Port), InGue = new(EncapType.Gue, Port, Port);

    private readonly TunnelHost _host;

    public OffloadHost(TunnelParameters parameters)
    {
        _host = new(parameters);
        Tunnel.Coalescing = new(Mtu);
    }

    /// <summary>A tunnel of each kind that there are programs for.</summary>
    public static Dictionary<string, TunnelParameters> Eligible { get; } = new()
    {
        ["ipip"] = Ipip,
        ["ipip in fou"] = Ipip with { Encap = InFou },
        ["ipip in gue"] = Ipip with { Encap = InGue },
        ["ipip any"] = Ipip with { Inner = InnerProtocol.Any },
        ["gre"] = Gre,
        ["gre with keys"] = Gre with { Gre = Keys },
        ["gre in fou"] = Gre with { Encap = InFou },
        ["gre in gue"] = Gre with { Gre = Keys, Encap = InGue },
        ["gretap"] = Gre with { Mode = TunnelMode.Gretap },
        ["gretap with keys"] = Gre with { Mode = TunnelMode.Gretap, Gre = Keys },
        ["gretap in gue"] = Gre with { Mode = TunnelMode.Gretap, Encap = InGue },
        ["sit"] = Sit,
        ["sit in fou"] = Sit with { Encap = InFou },
        ["sit for IPv4"] = Sit with { Inner = InnerProtocol.IPv4 },
        ["vxlan"] = Vxlan,
        ["vxlan from a range of ports"] = Vxlan with { Vxlan = Vxlan.Vxlan! with { SourcePortMin = 40000, SourcePortMax = 40004 } },
    };

    public TunnelEngine Engine => _host.Engine;

    public FakeUnderlay Underlay => _host.Underlay;

    public ManualTime Time => _host.Time;

    public Tunnel Tunnel => _host.Tunnel;

    public OffloadPlan Plan
    {
        get
        {
            var plan = Engine.PlanOffload(Tunnel, out var obstacle);
            Assert.Null(obstacle);
            return plan!;
        }
    }

    public string Obstacle
    {
        get
        {
            Assert.Null(Engine.PlanOffload(Tunnel, out var obstacle));
            return obstacle!;
        }
    }

    /// <summary>Has the engine encapsulate a packet.</summary>
    /// <returns>The outer packet; the inner one, a frame where such are carried, is its end.</returns>
    public (byte[] Outer, byte[] Inner) Send(byte[] packet)
    {
        byte[] type = packet[0] >> 4 == 4 ? [0x08, 0x00] : [0x86, 0xDD];
        byte[] inner = Tunnel.Mode.CarriesFrames ? [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, .. type, .. packet] : packet;
        return (Assert.Single(_host.FromDevice(inner).Sent), inner);
    }

    public void FromIcmp(byte[] error) => _host.FromIcmp(error);

    public void Dispose() => _host.Dispose();
}
