"""What is measured on Qanat alone: how soon it answers, what it allocates, and a thousand tunnels in one daemon."""

import time

from daemon import Daemon
from lab import CommandFailed, stop
from measure import iperf3
from ways import QANAT, Way, qanat_environment, qanat_socket, start_qanat

GENERATION_0 = 'dotnet_gc_collections_total{generation="0"}'
ALLOCATED = "dotnet_gc_allocated_bytes_total"


def show_milliseconds(lab):
    """Time of `qanat tunnel show`, a new process each, `ip netns exec` included."""
    start = time.monotonic()
    lab.a.run(QANAT, "tunnel", "show", env=qanat_environment(lab))
    return (time.monotonic() - start) * 1e3


def start_milliseconds(lab):
    """Time from the start of a daemon to its first answer, in a namespace that has none."""
    daemon, api = None, Daemon(qanat_socket(lab.a))
    start = time.monotonic()
    try:
        daemon = lab.a.spawn(QANAT, "daemon", env=qanat_environment(lab))
        while time.monotonic() - start < 10:
            try:
                api.status()
                return (time.monotonic() - start) * 1e3
            except CommandFailed:
                time.sleep(0.001)
        raise CommandFailed("the daemon did not answer: " + daemon.log.read_text().strip()[-300:])
    finally:
        if daemon:
            stop(daemon)


def steady(lab, way, seconds=30):
    """
    Gen-0 collections of both daemons in a long run under load, and bytes that each packet made them allocate. What
    they allocate in as long a time at rest (timers, answering for these figures) is not the packets' doing.
    """
    daemons = [Daemon(qanat_socket(host)) for host in lab.hosts]

    def figures():
        packets = sum(counters["rxPackets"] + counters["txPackets"]
                      for counters in (daemon.tunnel("tun1")["counters"] for daemon in daemons))
        return packets, *(sum(daemon.metric(name) for daemon in daemons) for name in (ALLOCATED, GENERATION_0))

    def change(work):
        before = figures()
        work()
        return [after - then for after, then in zip(figures(), before)]

    _, at_rest, _ = change(lambda: time.sleep(seconds + 1))
    packets, allocated, collections = change(lambda: iperf3(lab, way.far, seconds=seconds))
    return {"gen0": collections, "bytes_per_packet": max(0.0, allocated - at_rest) / packets,
            "allocated_under_load": allocated, "allocated_at_rest": at_rest, "packets": packets}


def thousand(lab, count=1000):
    """A daemon at each end with a thousand ipip tunnels, of which the last goes to the other end."""
    way = Way("thousand", "10.20.5.1", "10.20.5.2")
    for host, other in ((lab.a, lab.b), (lab.b, lab.a)):
        way.daemons.append(start_qanat(host))
        daemon = Daemon(qanat_socket(host))
        others = [f"10.{64 + number // 250}.{number % 250}.1" for number in range(count - 1)]
        for number, remote in enumerate(others + [other.address], 1):
            daemon.add(name=f"tun{number}", mode="ipip", local=host.address, remote=remote)
        host.run("ip", "-batch", "-", stdin="".join(f"link set tun{n} up\n" for n in range(1, count + 1)))
    lab.a.join(f"tun{count}", way.near, way.far)
    lab.b.join(f"tun{count}", way.far, way.near)
    way.wait(lab)
    return way
