"""The figures: what each is, how a table names it, and the targets that Qanat is to reach."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Figure:
    """Something measured on every way."""

    key: str
    title: str
    unit: str
    more_is_better: bool
    decimals: int


FIGURES = (
    Figure("tcp1", "TCP, one stream", "Gbit/s", True, 2),
    Figure("tcp4", "TCP, four streams", "Gbit/s", True, 2),
    Figure("udp64", "UDP, 64-byte datagrams", "thousand/s", True, 0),
    Figure("rtt", "Round-trip time", "ms", False, 3),
    Figure("daemon_cpu", "CPU of the daemons", "s/GB", False, 2),
    Figure("machine_cpu", "CPU of the machine", "s/GB", False, 2),
    Figure("rss", "Peak memory of a daemon", "MiB", False, 0),
)


class Samples:
    """Every raw sample of a run: by way, by figure, in the order they were taken."""

    def __init__(self):
        self.raw = {}

    def add(self, way, sample):
        """Adds what one measurement found."""
        for key, value in sample.items():
            self.raw.setdefault(way, {}).setdefault(key, []).append(value)

    def of(self, way, key):
        """The samples of a figure on a way; empty when it was not measured."""
        return self.raw.get(way, {}).get(key, [])

    def median(self, way, key):
        """The median of a figure on a way, or None."""
        samples = self.of(way, key)
        return statistics.median(samples) if samples else None

    def stolen(self):
        """The part of the processor time that went to other machines, the median of all samples."""
        return statistics.median([part for way in self.raw.values() for part in way.get("stolen", [])] or [0])

    def ratio(self, key, way, other):
        """The median on one way divided by that on another, or None."""
        mine, theirs = self.median(way, key), self.median(other, key)
        return mine / theirs if mine is not None and theirs else None


@dataclasses.dataclass(frozen=True)
class Target:
    """What must be reached: a value, its bound, and on which side of it to be."""

    title: str
    value: float | None
    bound: float
    at_least: bool
    unit: str = ""

    @property
    def reached(self):
        """Whether it is, or None when it was not measured."""
        if self.value is None:
            return None
        # Nothing at all means that nothing is left of it at the accuracy shown.
        value = round(self.value, 1) if self.bound == 0 else self.value
        return value >= self.bound if self.at_least else value <= self.bound


def targets(samples):
    """The targets, with what was measured."""
    ratio, median = samples.ratio, samples.median
    return (
        Target("TCP one stream, times wireguard-go", ratio("tcp1", "qanat", "wireguard-go"), 1.3, True, "x"),
        Target("TCP one stream, times socat", ratio("tcp1", "qanat", "socat"), 3, True, "x"),
        Target("round-trip time, of wireguard-go's", ratio("rtt", "qanat", "wireguard-go"), 0.7, False, "x"),
        Target("daemon CPU per GB, of wireguard-go's", ratio("daemon_cpu", "qanat", "wireguard-go"), 0.8, False, "x"),
        Target("gen-0 collections in 30 s under load", median("qanat", "gen0"), 0, False),
        Target("bytes allocated per packet under load", median("qanat", "bytes_per_packet"), 0, False, "B"),
        Target("daemon RSS under load", median("qanat", "rss"), 96, False, "MiB"),
        Target("`qanat tunnel show`", median("qanat", "show"), 80, False, "ms"),
        Target("daemon's start to its first answer", median("qanat", "start"), 500, False, "ms"),
        Target("one of 1,000 tunnels, of a single one", ratio("tcp1", "one-of-1000", "one-of-1"), 0.9, True, "x"),
    )
