"""The modes beside one another, the kernel's VXLAN and the peers: throughput, round-trip time and what a gigabyte costs."""


import measure
import report
from figures import FIGURES, Samples, Target
from lab import Lab
from mode_ways import MODES, OFFLOADED
from options import of_ways, take_two_cores
from rounds import measure_all, set_up

SHOWN = [figure for figure in FIGURES if figure.key != "udp64"]


def main(arguments, results):
    """Measures in turn, round by round, prints and writes."""
    options = of_ways("modes", "Measures the modes and their peers in one run.", MODES, arguments, results)
    rounds, seconds = (1, 1) if options.quick else (options.rounds, 3)
    take_two_cores()
    samples, left_out = Samples(), {}
    measurements = (
        lambda lab, way: measure.tcp(lab, way, 1, seconds),
        lambda lab, way: measure.tcp(lab, way, 4, seconds),
        measure.rtt,
    )
    with Lab() as lab, Lab(QANAT_BPF="1") as offloading:
        ways = set_up(lab, MODES, [name for name in options.only if name not in OFFLOADED], left_out)
        ways += set_up(offloading, MODES, [name for name in options.only if name in OFFLOADED], left_out)
        measure_all(ways, measurements, rounds, samples)
    write(options.out, report.facts(rounds, samples, targets(samples), left_out), samples)


def targets(samples):
    """What must be reached, with one stream."""
    def times(way, other, bound):
        return Target(f"{_title(way)}, times {_title(other)}", samples.ratio("tcp1", way, other), bound, True, "x")

    # Where strongSwan cannot be set up, wireguard-go stands in for it.
    sealed = ("kernel-libipsec", 2) if "kernel-libipsec" in samples.raw else ("wireguard-go", 1)
    return (
        times("gre", "ipip", 0.9),
        times("sit", "ipip", 0.9),
        *(times(way, "wireguard-go", 4) for way in ("fou", "gue", "qanat-vxlan")),
        *(times(way, "vxlan", 0.8) for way in ("fou", "gue", "qanat-vxlan", "bpf-fou", "bpf-gue", "bpf-vxlan")),
        times("esp", *sealed),
    )


def write(folder, run, samples):
    """modes.json with every sample, modes.md with the medians and the targets."""
    text = "\n\n".join((
        report.circumstances(run), report.medians(samples, MODES, SHOWN), *report.left_out(run, MODES),
        "Targets, of TCP with one stream:", report.verdicts(targets(samples)))) + "\n"
    print("\n" + text)
    if folder:
        report.write_part(folder, "modes", run, text)


def _title(way):
    return MODES[way][0]
