"""The library beside its peers on one device: the loop over it in C, routes by `ip -batch`, the start of `ip tuntap show`."""

import argparse
import json
import os
import pathlib
import statistics
import time

import report
from figures import Samples, Target
from lab import CommandFailed, Lab, run, stop
from measure import SOURCE
from ways import QANAT

PROGRAMS = pathlib.Path(os.environ.get("BENCH_PROGRAMS", "artifacts/bench"))
TUNLOOP, BENCH = str(PROGRAMS / "tunloop"), str(PROGRAMS / "Qanat.Bench")

DEVICE, ADDRESS, FAR = "t0", "10.9.8.1", "10.9.8.2"
WARMUP, PACKETS, OFFERED, ROUTES, STARTS = 400_000, 1_000_000, 3_000_000, 10_000, 10

LOOPS = {
    "c": ("C, read and write", (TUNLOOP,)),
    "plain": ("C#, Read and Write", (BENCH, "plain")),
    "batches": ("C#, Receive and Send", (BENCH, "batches")),
}


def main(arguments, results):
    """Measures in turn, round by round, prints and writes."""
    parser = argparse.ArgumentParser(prog="bench/run device", description="Measures the library's devices, routes and start.")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, of which the medians are taken (5)")
    parser.add_argument("--out", type=pathlib.Path, default=results, metavar="FOLDER", help="where to write (bench/results)")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("at least one round")

    cores = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, cores)
    samples = Samples()
    for turn in range(options.rounds):
        names = list(LOOPS)
        # Each round begins with another loop, so that none is always the first.
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            take(turn, name, samples, loop(LOOPS[name][1], cores))
        for name, measurement in (("ip", ip_routes), ("library", library_routes)):
            take(turn, name, samples, measurement())
        take(turn, "starts", samples, starts())
    write(options, samples)


def take(turn, name, samples, sample):
    """Keeps a sample, and shows it."""
    samples.add(name, sample)
    print(f"round {turn + 1}  {name:<9}" + "  ".join(f"{key} {value:.6g}" for key, value in sample.items()), flush=True)


def loop(program, cores):
    """Packets a second that a loop takes from a device and gives back, while more come than it can take."""
    with Lab() as lab:
        lab.a.ip(f"tuntap add {DEVICE} mode tun")
        lab.a.ip(f"address add {ADDRESS}/24 dev {DEVICE}")
        lab.a.ip(f"link set {DEVICE} up")
        # One core for the source, one for the loop.
        looping = lab.a.spawn("taskset", "-c", str(cores[-1]), *program, DEVICE, str(WARMUP), str(PACKETS))
        wait(lambda: "LOWER_UP" in run("ip", "-n", lab.a.name, "link", "show", DEVICE), "the loop")
        source = lab.a.spawn("taskset", "-c", str(cores[0]), "python3", "-B", str(SOURCE), FAR, "9", str(OFFERED), "60")
        wait(lambda: looping.poll() is not None, "the loop's end", 60)
        stop(source)
        if looping.returncode:
            raise CommandFailed(looping.log.read_text()[-300:])
        link = json.loads(run("ip", "-n", lab.a.name, "-j", "-s", "link", "show", DEVICE))[0]
        # Packets that found its queue full: none would mean that it is the source which was measured.
        return {**json.loads(looping.log.read_text()), "overrun": link["stats64"]["tx"]["dropped"]}


def ip_routes():
    """Milliseconds in which `ip -batch` adds the routes, as a whole process."""
    with Lab() as lab:
        batch = lab.folder / "routes"
        batch.write_text("".join(f"route add {20 + (i >> 16)}.{i >> 8 & 255}.{i & 255}.0/24 dev eth0\n" for i in range(ROUTES)))
        return {"process": timed(lambda: run("ip", "-n", lab.a.name, "-batch", str(batch))), "added": added(lab)}


def library_routes():
    """The same by the library: a whole process, and without the start of its runtime."""
    with Lab() as lab:
        said = []
        process = timed(lambda: said.append(lab.a.run(BENCH, "routes", "eth0", str(ROUTES))))
        return {"process": process, "call": json.loads(said[0])["milliseconds"], "added": added(lab)}


def added(lab):
    """How many of the routes there are: all of them, or nothing was measured."""
    count = sum(line.startswith("2") for line in run("ip", "-n", lab.a.name, "route").splitlines())
    if count != ROUTES:
        raise CommandFailed(f"{count} of {ROUTES} routes are there")
    return count


def starts():
    """Milliseconds from start to end of `tuntap show`, in turn, where there are ten devices."""
    with Lab() as lab:
        for number in range(10):
            lab.a.ip(f"tuntap add t{number} mode tun")
        ip, qanat = [], []
        for _ in range(STARTS):
            ip.append(timed(lambda: run("ip", "-n", lab.a.name, "tuntap", "show")))
            qanat.append(timed(lambda: run(QANAT, "-n", lab.a.name, "tuntap", "show")))
        return {"ip": statistics.median(ip), "qanat": statistics.median(qanat)}


def timed(action):
    """Milliseconds that something takes."""
    start = time.monotonic()
    action()
    return (time.monotonic() - start) * 1e3


def wait(condition, what, seconds=10):
    """Looks every 20 ms until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise CommandFailed(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


def targets(samples):
    """What must be reached."""
    ip, qanat = samples.median("starts", "ip"), samples.median("starts", "qanat")
    return (
        Target("packets per second with Read and Write, times C", samples.ratio("rate", "plain", "c"), 0.95, True, "x"),
        Target("packets per second with batches, times C", samples.ratio("rate", "batches", "c"), 0.95, True, "x"),
        Target("packets per CPU second with Read and Write, times C", samples.ratio("cpu", "c", "plain"), 0.95, True, "x"),
        Target("packets per CPU second with batches, times C", samples.ratio("cpu", "c", "batches"), 0.95, True, "x"),
        Target("bytes allocated per packet, Read and Write", samples.median("plain", "allocated"), 0, False, "B"),
        Target("bytes allocated per packet, batches", samples.median("batches", "allocated"), 0, False, "B"),
        Target(f"{ROUTES:,} routes, times `ip -batch`, whole processes", samples.ratio("process", "library", "ip"), 2, False, "x"),
        Target(f"`qanat tuntap show` (`ip`: {ip:.1f} ms; bound: twice that and 40 ms)", qanat, round(2 * ip + 40, 1), False, "ms"),
    )


def write(options, samples):
    """device.json with every sample, device.md with the medians and the targets."""
    run_facts = report.facts(options.rounds, samples, targets(samples))
    facts = run_facts["machine"]
    loops = [["loop over a TUN device", "packets/s", "least", "most", "µs of CPU per packet", "bytes allocated per packet"]]
    for name, (title, _) in LOOPS.items():
        rates = samples.of(name, "rate")
        loops.append([title, *(report.number(rate, 0) for rate in (statistics.median(rates), min(rates), max(rates))),
                      report.number(samples.median(name, "cpu"), 2), report.number(samples.median(name, "allocated"), 2)])
    routes = [[f"{ROUTES:,} routes", "ms, whole process", "ms, the calls alone"]]
    routes += [["`ip -batch`", report.number(samples.median("ip", "process"), 0), "–"],
               ["Qanat.Linux", report.number(samples.median("library", "process"), 0), report.number(samples.median("library", "call"), 0)]]
    text = "\n\n".join((
        f"Medians of {options.rounds} alternating rounds, {run_facts['date'][:10]}: {facts['processor']}, {facts['cores']} cores, one for "
        f"the source and one for the loop, Linux {facts['kernel']}, {facts['system']}; iproute2 {facts['versions']['iproute2']}.",
        report.table(loops), report.table(routes), "Targets:", report.verdicts(targets(samples)))) + "\n"
    print("\n" + text)
    report.write_part(options.out, "device", run_facts, text)
