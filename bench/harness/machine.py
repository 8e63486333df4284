"""What the figures were measured on, and with which versions."""

import os
import pathlib
import platform
import re

from lab import CommandFailed, run
from ways import QANAT, WIREGUARD_GO


def facts():
    """Kernel, processor, memory and versions."""
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.+)", cpuinfo)
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    release = platform.freedesktop_os_release() if pathlib.Path("/etc/os-release").exists() else {}
    return {
        "kernel": platform.release(),
        "system": release.get("PRETTY_NAME", platform.system()),
        "processor": model[1].strip() if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory[1]) / 2**20, 1),
        "versions": {
            "qanat": _version(QANAT, "--version"),
            "wireguard-go": _version(WIREGUARD_GO, "--version"),
            "iperf3": _version("iperf3", "--version"),
            "socat": _version("socat", "-V"),
            "iproute2": _version("ip", "-V"),
        },
    }


def ticks():
    """Processor time since the machine's start: all of it, and what its host gave to other machines meanwhile."""
    times = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(times), times[7]


def stolen_since(before):
    """The part of the processor time since those ticks that went to other machines."""
    now = ticks()
    return (now[1] - before[1]) / max(1, now[0] - before[0])


def _version(*command):
    """The first number with a dot that a program says of itself."""
    try:
        found = re.search(r"\d+\.\d[\w.\-+]*", run(*command))
    except CommandFailed:
        return None
    return found[0] if found else None
