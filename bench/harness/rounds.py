"""Rounds: every measurement on every way, in turn, so that neighbours in the table are neighbours in time."""

import sys

import machine
from lab import CommandFailed

QUIET, ATTEMPTS = 0.05, 3


def set_up(lab, catalogue, names, left_out):
    """Sets up the ways that were asked for, and says which cannot be."""
    ways = []
    for name in names:
        title, make = catalogue[name]
        try:
            way = make(lab)
            way.lab = lab
            way.wait(lab)
            ways.append(way)
        except CommandFailed as why:
            left_out[name] = str(why)
            print(f"{title} is left out: {why}", file=sys.stderr)
    return ways


def measure_all(ways, measurements, rounds, samples):
    """Takes every measurement on every way, round by round."""
    for turn in range(rounds):
        for measurement in measurements:
            # Each round begins with another way, so that none is always the first.
            for way in ways[turn % len(ways):] + ways[:turn % len(ways)]:
                take(f"round {turn + 1} of {rounds}", way.name, samples, lambda: measurement(way.lab, way), ATTEMPTS)


def take(progress, name, samples, measurement, attempts=1):
    """Takes one sample, and says what came of it; one that fails is missing from the medians, not the end of the run.

    Where the machine lost more than a twentieth of its processors to its host meanwhile, the sample is taken anew, as often as
    `attempts` says; that with the least loss counts.
    """
    sample = None
    for _ in range(attempts):
        before = machine.ticks()
        try:
            found = measurement()
        except CommandFailed as why:
            print(f"{name}: {why}", file=sys.stderr)
            break
        stolen = machine.stolen_since(before)
        if sample is None or stolen < sample["stolen"]:
            sample = {**found, "stolen": stolen}
        if stolen <= QUIET:
            break
    if sample is None:
        return
    samples.add(name, sample)
    if progress:
        print(f"{progress:<24}{name:<16}" + "  ".join(f"{key} {value:.4g}" for key, value in sample.items()), flush=True)
