"""A hub with ten thousand peers: what they cost, how fast they come, and how fast one of them is."""

import argparse
import json
import os
import pathlib
import re
import statistics
import time

import measure
import report
from figures import FIGURES, Figure, Samples, Target
from lab import Lab, run
from options import take_two_cores
from rounds import take
from vpn_ways import QANAT_WG, warm_up
from ways import Way, join, start_wireguard

BENCH = pathlib.Path(os.environ["BENCH_PROGRAMS"]) / "Qanat.Bench"
PORT = 51823

WAYS = {"one": ("a hub's only peer", None), "many": ("one of many", None)}
SHOWN = [figure for figure in FIGURES if figure.key in ("tcp1", "tcp4", "rtt", "daemon_cpu")]
COMMANDS = (
    Figure("setconf", "`wg setconf`", "s", False, 2),
    Figure("syncconf", "`wg syncconf`, the same", "s", False, 2),
    Figure("change", "`wg syncconf`, one other peer", "s", False, 2),
    Figure("show", "`wg show`", "s", False, 2),
)
COSTS = (
    Figure("idle", "Memory per idle peer", "KiB", False, 1),
    Figure("in_session", "in session", "KiB", False, 1),
    Figure("handshakes", "Handshakes", "1/s", True, 0),
    Figure("per_core", "by the hub's CPU", "1/s", True, 0),
    Figure("client_cpu", "CPU of another end, each", "ms", False, 2),
)


def main(arguments, results):
    """Sets up, measures in turn, prints and writes."""
    parser = argparse.ArgumentParser(prog="bench/run hub", description="Measures a WireGuard hub with very many peers.")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, of which the medians are taken (5)")
    parser.add_argument("--peers", type=int, default=10_000, metavar="N", help="how many (10000)")
    parser.add_argument("--quick", action="store_true", help="one round, short: to try the benchmark itself")
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="where to write (bench/results for a whole run)")
    options = parser.parse_args(arguments)
    if options.rounds < 1 or not 2 <= options.peers <= 60_000:
        parser.error("at least one round, and from 2 to 60000 peers")
    if not options.quick and not options.out and options.peers == parser.get_default("peers"):
        options.out = results
    rounds, warm, seconds = (1, 1, 1) if options.quick else (options.rounds, 6, 3)
    take_two_cores()
    samples = Samples()
    keys = run(str(BENCH), "keys", str(options.peers - 1), timeout=300).split()
    with Lab() as single, Lab() as crowded:
        hubs = [Hub(single, "one", []), Hub(crowded, "many", keys)]
        for hub in hubs:
            hub.set_up(samples)
            warm_up(hub.lab, hub.way, warm)
        for turn in range(rounds):
            progress = f"round {turn + 1} of {rounds}"
            for measurement in (lambda *at: measure.tcp(*at, 1, seconds), lambda *at: measure.tcp(*at, 4, seconds), measure.rtt):
                for hub in hubs[::-1 if turn % 2 else 1]:
                    take(progress, hub.way.name, samples, lambda: measurement(hub.lab, hub.way))
        for turn in range(rounds):
            hubs[1].measure(f"round {turn + 1} of {rounds}", samples)
    write(options, report.facts(rounds, samples, targets(samples, options.peers)), samples)


class Hub:
    """A hub at b with peers that are not there, and one that is: a."""

    def __init__(self, lab, name, keys):
        self.lab, self.keys = lab, keys
        self.way = Way(name, "10.24.0.1", "10.24.0.2")
        self.private, self.private_of_a = run("wg", "genkey"), run("wg", "genkey")
        self.public, self.public_of_a = (run("wg", "pubkey", stdin=key).strip() for key in (self.private, self.private_of_a))

    def set_up(self, samples):
        """Both interfaces; the hub learns of its peers by one `wg setconf`."""
        lab, name, count = self.lab, self.way.name, len(self.keys) + 1
        devices = [start_wireguard(lab, host, self.way, QANAT_WG, PORT) for host in lab.hosts]
        self.device, self.daemon = devices[1], self.way.daemons[1]
        # All of its code has run before: what is left is what peers take.
        self._give(self._file(self.keys[:100]), "setconf")
        self._give(self._file([]), "setconf")
        join(lab, self.way, *devices)
        self.before = self._resident()
        self.whole = self._file(self.keys)
        self.other = self._file([*self.keys[1:], run("wg", "pubkey", stdin=run("wg", "genkey")).strip()])
        progress = f"set up, peers: {count:,}"
        take(progress, name, samples, lambda: {"setconf": self._give(self.whole, "setconf")})
        take(progress, name, samples, lambda: {"idle": (self._resident() - self.before) / count})
        lab.a.run(*f"wg set {devices[0]} private-key /dev/stdin listen-port {PORT} peer {self.public} "
                   f"allowed-ips {self.way.far}/32 endpoint {lab.b.address}:{PORT}".split(), stdin=self.private_of_a)
        self.way.wait(lab)

    def measure(self, progress, samples):
        """What the commands take with all peers, and as many handshakes."""
        name, count = self.way.name, len(self.keys)
        take(progress, name, samples, lambda: {"syncconf": self._give(self.whole, "syncconf")})
        take(progress, name, samples, lambda: {"change": self._give(self.other, "syncconf")})
        take(progress, name, samples, lambda: {"show": self._show()})
        self._give(self.whole, "syncconf")
        take(progress, name, samples, self._handshakes)
        take(progress, name, samples, lambda: {"in_session": (self._resident() - self.before) / count})

    def _handshakes(self):
        before = measure.process_seconds([self.daemon])
        said = json.loads(self.lab.a.run(str(BENCH), "handshakes", self.public, self.lab.b.address, str(PORT), str(len(self.keys)),
                                         timeout=120))
        cpu = measure.process_seconds([self.daemon]) - before
        return {"handshakes": said["handshakes"] / said["seconds"], "per_core": said["handshakes"] / cpu,
                "client_cpu": said["cpu"] / said["handshakes"] * 1e3, "silences": said["silences"]}

    def _give(self, file, command):
        start = time.monotonic()
        self.lab.b.run("wg", command, self.device, str(file), timeout=300)
        return time.monotonic() - start

    def _show(self):
        def once():
            start = time.monotonic()
            self.lab.b.run("wg", "show", self.device, timeout=300)
            return time.monotonic() - start

        return statistics.median(once() for _ in range(3))

    def _file(self, keys):
        """The hub as `wg` reads it: an address for each peer, and the last of them for a."""
        parts = [f"[Interface]\nPrivateKey = {self.private}ListenPort = {PORT}\n"]
        parts += [f"[Peer]\nPublicKey = {key}\nAllowedIPs = 10.{64 + (n >> 16)}.{n >> 8 & 255}.{n & 255}/32\n"
                  for n, key in enumerate(keys)]
        parts.append(f"[Peer]\nPublicKey = {self.public_of_a}\nAllowedIPs = {self.way.near}/32\n")
        file = self.lab.folder / f"{len(list(self.lab.folder.iterdir()))}.conf"
        file.write_text("".join(parts))
        return file

    def _resident(self):
        """Memory of the hub in KiB, without the pages of its files, which are the same with one peer."""
        return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text())[1])


def targets(samples, count):
    """What must be reached."""
    return (
        Target(f"TCP one stream through one of {count:,} peers, of a hub's only one", samples.ratio("tcp1", "many", "one"), 0.9, True, "x"),
        Target("memory per idle peer", samples.median("many", "idle"), 8, False, "KiB"),
        Target("memory per peer, each with a session", samples.median("many", "in_session"), 8, False, "KiB"),
        Target("handshakes per second of the hub's CPU", samples.median("many", "per_core"), 500, True),
    )


def write(options, run, samples):
    """hub.json with every sample, hub.md with the medians and the targets."""
    ways = {**WAYS, "many": (f"one of {options.peers:,}", None)}
    many = {"many": (f"{options.peers:,} peers", None)}
    text = "\n\n".join((
        report.circumstances(run), report.medians(samples, ways, SHOWN), report.medians(samples, many, COMMANDS),
        report.medians(samples, many, COSTS), "Targets:", report.verdicts(targets(samples, options.peers)))) + "\n"
    print("\n" + text)
    if options.out:
        report.write_part(options.out, "hub", run, text)
