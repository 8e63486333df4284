"""WireGuard's implementations as ways from a to b, beside the wire and a tunnel of the kernel's."""

import os
import re

from lab import CommandFailed, stop
from measure import iperf3
from ways import QANAT, WAYS, Way, wireguard

QANAT_WG = (QANAT, "qanat-wg", "-f")


def qanat_wg(lab, **environment):
    """Qanat, with the cipher that it chooses on this machine."""
    return _qanat(lab, Way("qanat-wg", "10.20.6.1", "10.20.6.2"), 51821, **environment)


def qanat_libcrypto(lab):
    """Qanat with libcrypto's cipher, which is there on every machine."""
    return _qanat(lab, Way("qanat-libcrypto", "10.20.7.1", "10.20.7.2"), 51822, QANAT_AEAD="libcrypto")


def warm_up(lab, way, seconds):
    """Carries a load for so long that whatever compiles or grows has done so: a daemon runs for days."""
    if way.daemons:
        iperf3(lab, way.far, 1, seconds)


def garbage(lab, seconds):
    """Gen-0 collections in the lives of both ends of a tunnel, in which they carry one stream for so many seconds."""
    way = qanat_wg(lab, LOG_LEVEL="verbose")
    way.wait(lab)
    iperf3(lab, way.far, 1, seconds)
    return {"gen0": sum(_collections(daemon) for daemon in way.daemons)}


def _qanat(lab, way, port, **environment):
    if not os.access(QANAT, os.X_OK):
        raise CommandFailed("there is no bin/qanat yet: `make` builds it")
    return wireguard(lab, way, QANAT_WG, port, **environment)


# It says so in its last words.
def _collections(daemon):
    stop(daemon)
    said = daemon.log.read_text()
    if not (found := re.search(r"ends; garbage was collected (\d+) times", said)):
        raise CommandFailed(f"qanat-wg did not say how often it collected garbage: {said.strip()[-300:]}")
    return int(found[1])


#: Each way's name, what it is called in a table, and how it is set up.
VPNS = {
    **{name: WAYS[name] for name in ("veth", "vxlan", "wireguard-go")},
    "qanat-wg": ("Qanat WireGuard", qanat_wg),
    "qanat-libcrypto": ("Qanat WireGuard, libcrypto's cipher", qanat_libcrypto),
}
