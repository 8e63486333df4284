"""Qanat's WireGuard beside wireguard-go: throughput, datagrams, round-trip time, memory and garbage."""


import measure
import report
from figures import FIGURES, Figure, Samples, Target
from lab import CommandFailed, Lab
from options import of_ways, take_two_cores
from rounds import measure_all, set_up, take
from vpn_ways import VPNS, garbage, warm_up

#: Payloads, whose packets have 92 bytes and, within the MTU of the tunnel, 1,400.
SHORT, LONG = 64, 1400 - 28

_COMMON = {figure.key: figure for figure in FIGURES}
SHOWN = (
    _COMMON["tcp1"],
    _COMMON["tcp4"],
    Figure("udp64", "UDP, 64-byte datagrams without loss", "thousand/s", True, 0),
    Figure("udp1400", "UDP, 1,400-byte packets without loss", "thousand/s", True, 0),
    _COMMON["rtt"],
    Figure("rtt_in_a_row", "Round-trip time, one right after another", "ms", False, 3),
    *(_COMMON[key] for key in ("daemon_cpu", "machine_cpu", "rss")),
)


def main(arguments, results):
    """Measures in turn, round by round, prints and writes."""
    options = of_ways("vpn", "Measures Qanat's WireGuard beside wireguard-go in one run.", VPNS, arguments, results)
    rounds, warm, seconds, probe, steady = (1, 1, 1, 0.1, 2) if options.quick else (options.rounds, 6, 3, 0.6, 30)
    take_two_cores()
    samples, left_out = Samples(), {}
    measurements = (
        lambda lab, way: measure.tcp(lab, way, 1, seconds),
        lambda lab, way: measure.tcp(lab, way, 4, seconds),
        measure.rtt,
        measure.rtt_in_a_row,
        lambda lab, way: measure.udp_lossless(lab, way, "udp64", SHORT, probe),
        lambda lab, way: measure.udp_lossless(lab, way, "udp1400", LONG, probe),
    )
    with Lab() as lab:
        ways = []
        for way in set_up(lab, VPNS, options.only, left_out):
            try:
                print(f"warming up {way.name}", flush=True)
                warm_up(lab, way, warm)
                ways.append(way)
            except CommandFailed as why:
                left_out[way.name] = str(why)
        measure_all(ways, measurements, rounds, samples)
    if "qanat-wg" in samples.raw:
        with Lab() as lab:
            take(f"{steady} s under load", "qanat-wg", samples, lambda: garbage(lab, steady))
    write(options.out, report.facts(rounds, samples, targets(samples), left_out), samples)


def targets(samples):
    """What must be reached, by Qanat as it comes."""
    def of_wireguard_go(key):
        return samples.ratio(key, "qanat-wg", "wireguard-go")

    return (
        Target("TCP one stream, times wireguard-go", of_wireguard_go("tcp1"), 2.5, True, "x"),
        Target("TCP four streams, times wireguard-go", of_wireguard_go("tcp4"), 2.5, True, "x"),
        Target("round-trip time, of wireguard-go's", of_wireguard_go("rtt"), 0.6, False, "x"),
        Target("round-trip time one right after another, of wireguard-go's", of_wireguard_go("rtt_in_a_row"), 0.6, False, "x"),
        Target("RSS under load", samples.median("qanat-wg", "rss"), 128, False, "MiB"),
        Target("gen-0 collections of both ends, 30 s under load", samples.median("qanat-wg", "gen0"), 0, False),
    )


def write(folder, run, samples):
    """vpn.json with every sample, vpn.md with the medians, the ratios and the targets."""
    parts = [report.circumstances(run), report.medians(samples, VPNS, SHOWN)]
    if "wireguard-go" in samples.raw:
        parts += ["Times wireguard-go:", report.times(samples, VPNS, SHOWN, "wireguard-go")]
    parts += [*report.left_out(run, VPNS), "Targets:", report.verdicts(targets(samples))]
    text = "\n\n".join(parts) + "\n"
    print("\n" + text)
    if folder:
        report.write_part(folder, "vpn", run, text)
