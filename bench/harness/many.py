"""Ten thousand tunnels in one daemon: how soon one `apply` makes them, what each takes, and how fast one of them is."""

import argparse
import pathlib
import re
import time

import measure
import report
from figures import FIGURES, Figure, Samples, Target
from lab import Lab
from options import take_two_cores
from rounds import take
from ways import QANAT, Way, qanat_environment, start_qanat

WAYS = {"one": ("the only tunnel", None), "many": ("one of many", None)}
SHOWN = [figure for figure in FIGURES if figure.key in ("tcp1", "tcp4", "rtt", "daemon_cpu")]
SET_UP = (
    Figure("apply", "`qanat apply`", "s", False, 1),
    Figure("again", "the same again", "s", False, 1),
    Figure("memory", "Memory per tunnel", "KiB", False, 1),
)


def main(arguments, results):
    """Sets up, measures in turn, prints and writes."""
    parser = argparse.ArgumentParser(prog="bench/run many", description="Measures one daemon with very many tunnels.")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, of which the medians are taken (5)")
    parser.add_argument("--tunnels", type=int, default=10_000, metavar="N", help="how many (10000)")
    parser.add_argument("--quick", action="store_true", help="one round of a second each: to try the benchmark itself")
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="where to write (bench/results for a whole run)")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or not 2 <= options.tunnels <= 50_000:
        parser.error("at least one round, and from 2 to 50000 tunnels")
    if not options.quick and not options.out and options.tunnels == parser.get_default("tunnels"):
        options.out = results
    rounds, seconds = (1, 1) if options.quick else (options.rounds, 3)
    take_two_cores()
    samples = Samples()
    with Lab() as single, Lab() as crowded:
        alone = set_up(single, "one", 1, samples)
        one_of_many = set_up(crowded, "many", options.tunnels, samples)
        for turn in range(rounds):
            progress = f"round {turn + 1} of {rounds}"
            for measurement in (lambda *at: measure.tcp(*at, 1, seconds), lambda *at: measure.tcp(*at, 4, seconds), measure.rtt):
                for lab, way in ((single, alone), (crowded, one_of_many))[::-1 if turn % 2 else 1]:
                    take(progress, way.name, samples, lambda: measurement(lab, way))
    write(options, report.facts(rounds, samples, targets(samples, options.tunnels)), samples)


def set_up(lab, name, count, samples):
    """A daemon at each end, and its tunnels by one `apply`; the last of them goes to the other end."""
    way = Way(name, "10.23.0.1", "10.23.0.2")
    for host, other, near, far in ((lab.a, lab.b, way.near, way.far), (lab.b, lab.a, way.far, way.near)):
        file = lab.folder / f"{host.name}.yaml"
        file.write_text(tunnels(host.address, other.address, near, far, count))
        daemon = start_qanat(host)
        way.daemons.append(daemon)
        before = resident(daemon)

        def apply():
            start = time.monotonic()
            host.run(QANAT, "apply", str(file), env=qanat_environment(lab), timeout=600)
            return time.monotonic() - start

        take(f"{count:,} tunnels", name, samples, lambda: {"apply": apply()})
        take(f"{count:,} tunnels", name, samples, lambda: {"memory": (resident(daemon) - before) / count})
        take(f"{count:,} tunnels", name, samples, lambda: {"again": apply()})
    way.wait(lab)
    return way


def tunnels(local, remote, near, far, count):
    """The file: ipip tunnels to as many far ends, of which only the last is there."""
    # 10.64.0.0 and on: nobody answers there, and nothing is sent.
    parts = ["network:\n  tunnels:\n"]
    parts += [f"    t{n}: {{mode: ipip, local: {local}, remote: 10.{64 + (n >> 16)}.{n >> 8 & 255}.{n & 255}}}\n"
              for n in range(1, count)]
    parts.append(f"    t{count}:\n      mode: ipip\n      local: {local}\n      remote: {remote}\n"
                 f"      addresses: [{near}/30]\n")
    return "".join(parts)


def resident(process):
    """Memory of a process in KiB, without the pages of its files, which are the same with one tunnel."""
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1])


def targets(samples, count):
    """What must be reached. Of memory and time the worse end counts."""
    def worst(key):
        return max(samples.of("many", key), default=None)

    return (
        Target(f"{count:,} tunnels in one `qanat apply`", worst("apply"), 60, False, "s"),
        Target("TCP one stream through one of them, of a single one", samples.ratio("tcp1", "many", "one"), 0.9, True, "x"),
        Target("memory per tunnel", worst("memory"), 40, False, "KiB"),
    )


def write(options, run, samples):
    """many.json with every sample, many.md with the medians and the targets."""
    ways = {**WAYS, "many": (f"one of {options.tunnels:,}", None)}
    text = "\n\n".join((
        report.circumstances(run), report.medians(samples, ways, SHOWN),
        report.medians(samples, {"many": (f"{options.tunnels:,} tunnels", None)}, SET_UP),
        "Targets:", report.verdicts(targets(samples, options.tunnels)))) + "\n"
    print("\n" + text)
    if options.out:
        report.write_part(options.out, "many", run, text)
