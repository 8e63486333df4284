"""Runs the benchmark: sets up every way, measures them in turn, round by round, and writes what it found."""

import os
import pathlib
import signal
import sys

import device
import hub
import many
import measure
import modes
import qanat_alone
import report
import vpn
from figures import Samples, targets
from lab import CommandFailed, Lab
from options import of_ways, take_two_cores
from rounds import measure_all, set_up, take
from ways import WAYS

RESULTS = pathlib.Path(__file__).parent.parent / "results"

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: What has a run of its own.
PARTS = {"device": device.main, "modes": modes.main, "many": many.main, "vpn": vpn.main, "hub": hub.main}

MEASUREMENTS = (
    lambda lab, way: measure.tcp(lab, way, 1),
    lambda lab, way: measure.tcp(lab, way, 4),
    measure.udp64,
    measure.rtt,
)


def main():
    """Measures, prints, writes."""
    for ending in ENDINGS:
        signal.signal(ending, interrupt)
    part = PARTS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if part:
        part(sys.argv[2:], RESULTS)
        return
    options = of_ways("", "Measures Qanat and its peers in one run.", WAYS, sys.argv[1:], RESULTS)
    take_two_cores()

    samples, left_out = Samples(), {}
    with Lab() as lab:
        ways = set_up(lab, WAYS, options.only, left_out)
        measure_all(ways, MEASUREMENTS, options.rounds, samples)
        for way in ways:
            if way.name == "qanat":
                measure_qanat(lab, way, options, samples)

    run = report.facts(options.rounds, samples, targets(samples), left_out)
    print("\n" + report.markdown(run, samples))
    if options.out:
        report.write(options.out, run, samples)
        print(f"Written to {os.path.relpath(options.out)}.")


def interrupt(*_):
    """Ends the run, whoever asked, through every cleaning-up on the way out, which a second signal must not cut short."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def measure_qanat(lab, way, options, samples):
    """What is measured on Qanat alone."""
    few, seconds = (3, 5) if options.quick else (20, 30)
    for _ in range(few):
        take(None, "qanat", samples, lambda: {"show": qanat_alone.show_milliseconds(lab)})
    with Lab() as empty:
        for _ in range(options.rounds):
            take("start", "qanat", samples, lambda: {"start": qanat_alone.start_milliseconds(empty)})
    take(f"{seconds} s under load", "qanat", samples, lambda: qanat_alone.steady(lab, way, seconds))
    with Lab() as crowded:
        print("Setting up 1,000 tunnels", flush=True)
        try:
            one_of_many = qanat_alone.thousand(crowded)
        except CommandFailed as why:
            print(f"1,000 tunnels: {why}", file=sys.stderr)
            return
        for turn in range(options.rounds):
            progress = f"1,000 tunnels, round {turn + 1}"
            take(progress, "one-of-1", samples, lambda: measure.tcp(lab, way, 1))
            take(progress, "one-of-1000", samples, lambda: measure.tcp(crowded, one_of_many, 1))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except CommandFailed as failure:
        sys.exit(f"bench: {failure}")
