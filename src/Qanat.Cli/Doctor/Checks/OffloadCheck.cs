using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Devices;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Which offloads there are, what the lack of others costs, and which of them misbehave.</summary>
internal sealed class OffloadCheck : ICheck
{
    private static readonly (TunOffloads Offload, string Name, string Cost)[] s_offloads =
    [
        (TunOffloads.Checksum, "checksum", "the kernel computes every checksum before a program sees the packet"),
        (TunOffloads.Tso4, "TSO over IPv4", "each TCP segment is a read of its own, at half the speed or less"),
        (TunOffloads.Tso6, "TSO over IPv6", "each TCP segment over IPv6 is a read of its own, at half the speed or less"),
        (TunOffloads.Uso, "USO", "each UDP datagram is a read of its own, which QUIC feels; Linux 6.2 has it"),
    ];

    public string Name => "offloads";

    public string Healthy => "offloads do what they should";

    public IEnumerable<Finding> Examine(Machine machine) => [.. OfTun(machine), .. Segmentation(machine.Trial), .. OfDevices(machine)];

    private static IEnumerable<Finding> OfTun(Machine machine)
    {
        var trial = machine.Trial;
        if (trial.Offloads is not { } offloads)
        {
            if (trial.Impossible is { } reason)
                yield return Finding.Ok("offloads-untried", $"offloads were not tried: {reason}");
            yield break;
        }
        foreach (var (offload, name, cost) in s_offloads)
            if (!offloads.Granted.HasFlag(offload) && offloads.Wanted.HasFlag(offload))
                yield return Finding.Note("offload-refused", $"the kernel refuses TUN devices {name}", cost).ToDo("a newer kernel has it");
        if (machine.Disabled is { Length: > 0 } words)
            yield return Finding.Note("offload-disabled",
                    $"QANAT_DISABLE={words} is in the environment",
                    "a daemon started from here does without")
                .ToDo("unset QANAT_DISABLE");
        var granted = s_offloads.Where(offload => offloads.Granted.HasFlag(offload.Offload)).Select(offload => offload.Name);
        yield return Finding.Ok("offloads", $"a TUN device gets {string.Join(", ", granted.DefaultIfEmpty("no offload"))}; " +
            $"super-packets of TCP {Word(trial.TcpSegmentation)}, of UDP {Word(trial.UdpSegmentation)}");
    }

    private static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Works => "come out as they should",
        Outcome.Refused => "are refused",
        Outcome.Wrong => "come out wrong",
        _ => "were not tried",
    };

    private static IEnumerable<Finding> Segmentation(TrialFacts trial)
    {
        foreach (var (outcome, kind, word) in new[] { (trial.TcpSegmentation, "TCP", "tso"), (trial.UdpSegmentation, "UDP", "uso") })
        {
            if (outcome == Outcome.Refused)
                yield return Finding.Warning("super-packet-refused",
                        $"the kernel refuses {kind} super-packets that are written to a TUN device",
                        "packets that Qanat has joined are lost")
                    .ToDo("start the daemon with QANAT_DISABLE=gro", "boot another kernel");
            if (outcome == Outcome.Wrong)
                yield return Finding.Warning("segments-corrupt",
                        $"the kernel cuts {kind} super-packets of a TUN device into wrong segments",
                        "data is lost or corrupted on the way")
                    .ToDo($"start the daemon with QANAT_DISABLE=gro,{word}", "boot another kernel");
        }
    }

    private static IEnumerable<Finding> OfDevices(Machine machine)
    {
        foreach (var device in machine.Devices)
            if (device.Offloads is { Lro: true } && (machine.Sysctls.ForwardsIPv4(device.Name) || machine.Subjects.Any()))
                yield return Finding.Warning("lro",
                        $"{device.Name} joins incoming segments in hardware (LRO)",
                        "what is sent on, or into a tunnel, cannot be cut again and is dropped")
                    .About(device.Name).ToDo($"ethtool -K {device.Name} lro off");

        foreach (var tunnel in machine.Tunnels)
            if (!tunnel.IsOurs && machine.UnderlayOf(tunnel) is { Link.Kind: "veth", Offloads.TransmitChecksum: true } wire)
                yield return Finding.Note("unfinished-checksums",
                        $"{wire.Name}, a veth under {tunnel.Name}, leaves checksums to hardware that is not there",
                        "tcpdump and programs that read raw packets at the other end see wrong ones")
                    .About(tunnel.Name).ToDo($"ethtool -K {wire.Name} tx off");
    }
}
