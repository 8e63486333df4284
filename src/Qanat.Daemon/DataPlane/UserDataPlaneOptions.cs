using System.Globalization;
using Qanat.Crypto;
using Qanat.Linux.Devices;
using Qanat.Linux.Sockets;

namespace Qanat.Daemon.DataPlane;

/// <summary>What makes the data path fast, each with an off switch, and what else the environment chooses.</summary>
public sealed record UserDataPlaneOptions
{
    /// <summary>The variable that turns things off: <c>QANAT_DISABLE=packet-ring,gro,tso,uso,udp-segment,udp-gro,mtu-probing</c>.</summary>
    public const string Variable = "QANAT_DISABLE";

    /// <summary>The variable that says how many threads work on a WireGuard interface: <c>QANAT_WORKERS=4</c>.</summary>
    public const string WorkersVariable = "QANAT_WORKERS";

    /// <summary>The variable that asks for post-quantum preshared keys between two Qanats: <c>QANAT_POST_QUANTUM=1</c>.</summary>
    public const string PostQuantumVariable = "QANAT_POST_QUANTUM";

    /// <summary>The variable that asks for programs in the kernel that move packets where they can: <c>QANAT_BPF=1</c>.</summary>
    public const string BpfVariable = "QANAT_BPF";

    /// <summary>
    /// Outer packets go to a known next hop through an AF_PACKET ring, past the socket layer, where netfilter and IPsec allow.
    /// </summary>
    public bool PacketRing { get; init; } = true;

    /// <summary>Decapsulated packets are joined into super-packets for the device.</summary>
    public bool Gro { get; init; } = true;

    /// <summary>Datagrams of one flow leave by UDP sockets many to a message, and the kernel cuts it (UDP_SEGMENT).</summary>
    public bool UdpSegment { get; init; } = true;

    /// <summary>Datagrams of one flow arrive at UDP sockets joined (UDP_GRO).</summary>
    public bool UdpGro { get; init; } = true;

    /// <summary>It is measured how large a packet may be that arrives at a WireGuard peer.</summary>
    public bool MtuProbing { get; init; } = true;

    /// <summary>WireGuard peers that can and want to are given a preshared key that withstands quantum computers.</summary>
    public bool PostQuantum { get; init; }

    /// <summary>
    /// Tunnels whose headers depend on nothing but the packet are served by programs in the kernel, where that is allowed.
    /// </summary>
    public bool Bpf { get; init; }

    /// <summary>What the devices may leave to us: checksums and segmentation.</summary>
    public TunOffloads Offloads { get; init; } = TunOffloads.Plain;

    /// <summary>
    /// Threads that work on a WireGuard interface: one that does all, and others that help it to seal and open. Where both ends of a
    /// tunnel share two processors helpers are in the way, so there are none on less than four.
    /// </summary>
    public int Workers { get; init; } = DefaultWorkers(Environment.ProcessorCount);

    /// <summary>The options as the environment has them.</summary>
    /// <exception cref="ArgumentException">A variable makes no sense.</exception>
    public static UserDataPlaneOptions FromEnvironment()
    {
        var options = Parse(Environment.GetEnvironmentVariable(Variable)) with
        {
            PostQuantum = ParseSwitch(PostQuantumVariable, Environment.GetEnvironmentVariable(PostQuantumVariable)),
            Bpf = ParseSwitch(BpfVariable, Environment.GetEnvironmentVariable(BpfVariable)),
        };
        return Environment.GetEnvironmentVariable(WorkersVariable) is { Length: > 0 } workers
            ? options with { Workers = ParseWorkers(workers) }
            : options;
    }

    /// <summary>Reads a list of what is to be off, separated by commas.</summary>
    /// <exception cref="ArgumentException">A word means nothing.</exception>
    public static UserDataPlaneOptions Parse(string? disabled)
    {
        var options = new UserDataPlaneOptions();
        foreach (var word in (disabled ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            options = word switch
            {
                "packet-ring" => options with { PacketRing = false },
                "gro" => options with { Gro = false },
                "mtu-probing" => options with { MtuProbing = false },
                "tso" => options with { Offloads = options.Offloads & ~(TunOffloads.Tso4 | TunOffloads.Tso6 | TunOffloads.TsoEcn) },
                "uso" => options with { Offloads = options.Offloads & ~TunOffloads.Uso },
                "udp-segment" => options with { UdpSegment = false },
                "udp-gro" => options with { UdpGro = false },
                _ => throw new ArgumentException(
                    $"{Variable}: \"{word}\" is none of packet-ring, gro, tso, uso, udp-segment, udp-gro, mtu-probing"),
            };
        return options;
    }

    /// <summary>Reads the number of workers.</summary>
    /// <exception cref="ArgumentException">It is none, or too large.</exception>
    internal static int ParseWorkers(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var workers) && workers is > 0 and <= MaxWorkers
            ? workers
            : throw new ArgumentException($"{WorkersVariable}: \"{text}\" is no number from 1 to {MaxWorkers}");

    /// <summary>Reads a variable that turns something on.</summary>
    /// <exception cref="ArgumentException">It is neither yes nor no.</exception>
    internal static bool ParseSwitch(string variable, string? text) => text switch
    {
        null or "" or "0" => false,
        "1" => true,
        _ => throw new ArgumentException($"{variable}: \"{text}\" is neither 0 nor 1"),
    };

    /// <summary>How many workers there are unless somebody says so.</summary>
    internal static int DefaultWorkers(int processors) => processors switch
    {
        < 4 => 1,
        < 8 => 2,
        _ => 4,
    };

    /// <summary>What UDP sockets are opened with.</summary>
    internal UdpOptions Sockets => new() { Segment = UdpSegment, Coalesce = UdpGro };

    /// <summary>What is on and what is off, for people.</summary>
    internal IReadOnlyDictionary<string, string> Describe(GrantedOffloads offloads, string ring, string bpf) =>
        new SortedDictionary<string, string>
        {
            ["bpf"] = Bpf ? bpf : $"not asked for ({BpfVariable}=1)",
            ["packet-ring"] = PacketRing ? ring : Off,
            ["gro"] = Gro ? "on" : Off,
            ["tso"] = Describe(offloads, TunOffloads.Tso4),
            ["uso"] = Describe(offloads, TunOffloads.Uso),
            ["udp-segment"] = UdpSegment ? "on" : Off,
            ["udp-gro"] = UdpGro ? "on" : Off,
        };

    private const int MaxWorkers = AeadCrew.MaxHelpers + 1;

    private static string Off => $"off ({Variable})";

    private static string Describe(GrantedOffloads offloads, TunOffloads offload) =>
        offloads.Granted.HasFlag(offload) ? "on" : offloads.Wanted.HasFlag(offload) ? "off (not in this kernel)" : Off;
}
