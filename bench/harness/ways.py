"""The ways from a to b that are measured: each a function that sets one up in a lab, once."""

import dataclasses
import os
import pathlib
import subprocess
import time

from lab import CommandFailed, Lab, run

QANAT = os.environ["QANAT"]
WIREGUARD_GO = os.environ["WIREGUARD_GO"]


@dataclasses.dataclass
class Way:
    """
    A way that is up: the addresses at its ends, the processes that move its packets (none: the kernel does), and where it is.
    """

    name: str
    near: str
    far: str
    daemons: list[subprocess.Popen] = dataclasses.field(default_factory=list)
    lab: Lab | None = None

    def wait(self, lab):
        """Waits until a packet comes back through it."""
        for _ in range(20):
            try:
                return lab.a.run("ping", "-c1", "-W1", self.far)
            except CommandFailed:
                for daemon in self.daemons:
                    if daemon.poll() is not None:
                        raise CommandFailed(f"{self.name} ended: {daemon.log.read_text().strip()[-300:]}") from None
                time.sleep(0.2)
        raise CommandFailed(f"{self.name}: no answer from {self.far}")


def bare_veth(lab):
    """The wire itself: the upper bound."""
    return Way("veth", lab.a.address, lab.b.address)


def kernel_vxlan(lab):
    """A tunnel inside the kernel: what a packet costs that never leaves it."""
    way = Way("vxlan", "10.20.1.1", "10.20.1.2")
    for host, other in ((lab.a, lab.b), (lab.b, lab.a)):
        host.ip(f"link add vxlan0 type vxlan id 7 local {host.address} remote {other.address} dstport 4789 dev eth0")
    join(lab, way, "vxlan0", "vxlan0")
    return way


def wireguard_go(lab):
    """The user-space tunnel to beat: Go, UDP, encrypted, with GSO and GRO (version of 2023)."""
    return wireguard(lab, Way("wireguard-go", "10.20.2.1", "10.20.2.2"), (WIREGUARD_GO, "-f"), 51820)


def wireguard(lab, way, program, port, **environment):
    """An interface at each end, kept by a program in the foreground that takes its name, and driven by `wg`."""
    devices = [start_wireguard(lab, host, way, program, port, **environment) for host in lab.hosts]
    keys = [run("wg", "genkey") for _ in devices]
    for i, (host, other) in enumerate(((lab.a, lab.b), (lab.b, lab.a))):
        peer = run("wg", "pubkey", stdin=keys[1 - i]).strip()
        host.run(*f"wg set {devices[i]} private-key /dev/stdin listen-port {port}".split(), "peer", peer, "allowed-ips",
                 (way.far, way.near)[i] + "/32", "endpoint", f"{other.address}:{port}", stdin=keys[i])
    join(lab, way, *devices)
    return way


def start_wireguard(lab, host, way, program, port, **environment):
    """Starts the program of an interface, which is down and knows nobody; returns the interface's name."""
    # Sockets of all namespaces lie in one folder: no name is used twice.
    device = f"qb{lab.tag}{port % 10}{host.name[-1]}"[-15:]
    way.daemons.append(host.spawn(*program, device, env={**os.environ, "LOG_LEVEL": "error", **environment}))
    wait_for(pathlib.Path(f"/var/run/wireguard/{device}.sock"), way.daemons[-1])
    return device


def socat(lab):
    """The plainest user-space tunnel: a packet read, a datagram written."""
    way = Way("socat", "10.20.3.1", "10.20.3.2")
    device = "socat0"
    for host, other in ((lab.a, lab.b), (lab.b, lab.a)):
        way.daemons.append(host.spawn(
            "socat", f"TUN,tun-name={device},iff-no-pi", f"UDP4-DATAGRAM:{other.address}:7000,bind={host.address}:7000"))
    for host, daemon in zip(lab.hosts, way.daemons):
        _wait_for_device(host, device, daemon)
        host.ip(f"link set {device} mtu 1472")
    join(lab, way, device, device)
    return way


def qanat_ipip(lab):
    """Qanat: ipip over raw sockets, made with the words of `ip tunnel`."""
    if not os.access(QANAT, os.X_OK):
        raise CommandFailed("there is no bin/qanat yet: `make` builds it")
    way = Way("qanat", "10.20.4.1", "10.20.4.2")
    for host, other in ((lab.a, lab.b), (lab.b, lab.a)):
        way.daemons.append(start_qanat(host))
        host.run(QANAT, *f"tunnel add tun1 mode ipip remote {other.address} local {host.address}".split(),
                 env=qanat_environment(lab))
    join(lab, way, "tun1", "tun1")
    return way


def qanat_environment(lab):
    """Keeps the daemons of a lab apart from those of the machine."""
    return {**os.environ, **lab.environment, "QANAT_RUN_DIR": str(lab.folder / "run")}


def qanat_socket(host):
    """Where the daemon of a host answers."""
    return host.lab.folder / "run" / f"{host.inode}.sock"


def start_qanat(host):
    """Starts the daemon of a host, and waits for its socket."""
    daemon = host.spawn(QANAT, "daemon", env=qanat_environment(host.lab))
    wait_for(qanat_socket(host), daemon)
    return daemon


def join(lab, way, near_device, far_device):
    """Gives the devices at both ends the way's addresses, and sets them up."""
    lab.a.join(near_device, way.near, way.far)
    lab.b.join(far_device, way.far, way.near)


def wait_for(path, process):
    """Waits until a process has made a file."""
    for _ in range(500):
        if path.exists():
            return
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise CommandFailed(f"{process.args[4]} did not start: {process.log.read_text().strip()[-300:]}")


def _wait_for_device(host, device, process):
    for _ in range(100):
        try:
            return host.ip(f"link show {device}")
        except CommandFailed:
            if process.poll() is not None:
                break
            time.sleep(0.02)
    raise CommandFailed(f"{device} did not appear: {process.log.read_text().strip()[-300:]}")


#: Each way's name, what it is called in a table, and how it is set up.
WAYS = {
    "veth": ("bare veth", bare_veth),
    "vxlan": ("kernel VXLAN", kernel_vxlan),
    "wireguard-go": ("wireguard-go", wireguard_go),
    "socat": ("socat TUN/UDP", socat),
    "qanat": ("Qanat ipip", qanat_ipip),
}
