using Qanat.Linux.Devices;

namespace Qanat.Daemon.DataPlane;

/// <summary>What makes the data path fast, each with an off switch.</summary>
public sealed record UserDataPlaneOptions
{
    /// <summary>The variable that turns things off: <c>QANAT_DISABLE=packet-ring,gro,tso,uso,mtu-probing</c>.</summary>
    public const string Variable = "QANAT_DISABLE";

    /// <summary>
    /// Outer packets go to a known next hop through an AF_PACKET ring, past the socket layer, where netfilter and IPsec allow.
    /// </summary>
    public bool PacketRing { get; init; } = true;

    /// <summary>Decapsulated packets are joined into super-packets for the device.</summary>
    public bool Gro { get; init; } = true;

    /// <summary>It is measured how large a packet may be that arrives at a WireGuard peer.</summary>
    public bool MtuProbing { get; init; } = true;

    /// <summary>What the devices may leave to us: checksums and segmentation.</summary>
    public TunOffloads Offloads { get; init; } = TunOffloads.Plain;

    /// <summary>The options that the environment leaves on.</summary>
    /// <exception cref="ArgumentException">The variable has a word that means nothing.</exception>
    public static UserDataPlaneOptions FromEnvironment() => Parse(Environment.GetEnvironmentVariable(Variable));

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
                _ => throw new ArgumentException($"{Variable}: \"{word}\" is none of packet-ring, gro, tso, uso, mtu-probing"),
            };
        return options;
    }

    /// <summary>What is on and what is off, for people.</summary>
    internal IReadOnlyDictionary<string, string> Describe(GrantedOffloads offloads, string ring) => new SortedDictionary<string, string>
    {
        ["packet-ring"] = PacketRing ? ring : Off,
        ["gro"] = Gro ? "on" : Off,
        ["tso"] = Describe(offloads, TunOffloads.Tso4),
        ["uso"] = Describe(offloads, TunOffloads.Uso),
    };

    private static string Off => $"off ({Variable})";

    private static string Describe(GrantedOffloads offloads, TunOffloads offload) =>
        offloads.Granted.HasFlag(offload) ? "on" : offloads.Wanted.HasFlag(offload) ? "off (not in this kernel)" : Off;
}
