"""What every run is asked for, and runs on."""

import argparse
import os
import pathlib


def of_ways(part, description, catalogue, arguments, results):
    """The command line of a run that measures several ways. One that is not the whole is written only where --out says."""
    parser = argparse.ArgumentParser(prog=f"bench/run {part}".strip(), description=description)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="rounds, of which the medians are taken (5)")
    parser.add_argument("--quick", action="store_true", help="one round, short: to try the benchmark itself")
    parser.add_argument("--only", default=",".join(catalogue), metavar="NAME,...", help="of " + ", ".join(catalogue))
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="where to write (bench/results for a whole run)")
    options = parser.parse_args(arguments)
    options.only = options.only.split(",")
    unknown = set(options.only) - set(catalogue)
    if unknown or options.rounds < 1:
        parser.error(f"unknown: {', '.join(sorted(unknown))}" if unknown else "at least one round")
    if options.quick:
        options.rounds = 1
    elif not options.out and len(set(options.only)) == len(catalogue):
        options.out = results
    return options


def take_two_cores():
    """The same two cores for everything, so that machines with more compare."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
