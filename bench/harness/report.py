"""Writes a run: every raw sample as JSON, the medians as Markdown, and a chart."""

import datetime
import json
import os
import socket

import chart
import machine
from figures import FIGURES, targets
from ways import WAYS


def write(folder, run, samples):
    """Writes a run into a folder: a JSON file of its own, and latest.md and latest.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{run['date'][:10]}-{socket.gethostname().split('.')[0]}"
    (folder / f"{name}.json").write_text(json.dumps(run, indent=1) + "\n")
    (folder / "latest.md").write_text(markdown(run, samples))
    (folder / "latest.svg").write_text(chart.svg(samples))


def markdown(run, samples):
    """The medians, the ratios and the targets, as three tables."""
    parts = [
        circumstances(run),
        medians(samples, WAYS, FIGURES),
    ]
    if "qanat" in samples.raw:
        parts += ["Qanat, times each peer:", _ratios(samples)]
    parts += left_out(run, WAYS)
    if "qanat" in samples.raw:
        parts += ["Targets:", verdicts(targets(samples))]
    return "\n\n".join(parts) + "\n"


def facts(rounds, samples, reached_or_not, not_measured=()):
    """A run as its JSON file has it."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "rounds": rounds,
        "machine": machine.facts(),
        "stolen": samples.stolen(),
        "left_out": dict(not_measured),
        "samples": samples.raw,
        "targets": [{"title": target.title, "value": target.value, "bound": target.bound,
                     "at_least": target.at_least, "reached": target.reached} for target in reached_or_not],
    }


def write_part(folder, name, run, text):
    """Writes what has a run of its own: NAME.json with every sample, NAME.md with the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(run, indent=1) + "\n")
    (folder / f"{name}.md").write_text(text)
    print(f"Written to {os.path.relpath(folder)}.")


def circumstances(run):
    """What was measured how often, when and on what."""
    on = run["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in on["versions"].items() if version)
    return (f"Medians of {run['rounds']} alternating round{'s' * (run['rounds'] > 1)}, {run['date'][:10]}: "
            f"{on['processor']}, {on['cores']} cores for both ends and their load, Linux {on['kernel']}, "
            f"{on['system']}; {versions}. Of the processors' time {run['stolen']:.0%} went to other machines of the host (median).")


def left_out(run, ways):
    """A line for each way that could not be set up: why."""
    return [f"Left out: {ways[name][0]} ({why})." for name, why in run["left_out"].items()]


def medians(samples, ways, figures):
    """The table of medians: a row a way that was measured, a column a figure."""
    rows = [["way", *(f"{figure.title}, {figure.unit}" for figure in figures)]]
    for name, (title, _) in ways.items():
        if name in samples.raw:
            rows.append([title, *(number(samples.median(name, figure.key), figure.decimals) for figure in figures)])
    return table(rows)


def _ratios(samples):
    rows = [["peer", *(figure.title for figure in FIGURES)]]
    for name, (title, _) in WAYS.items():
        if name in samples.raw and name != "qanat":
            rows.append([title, *(number(samples.ratio(figure.key, "qanat", name), 2) for figure in FIGURES)])
    return table(rows)


def times(samples, ways, figures, peer):
    """The table of ratios of medians to those of one way: a row each other way that was measured."""
    rows = [["way", *(figure.title for figure in figures)]]
    for name, (title, _) in ways.items():
        if name in samples.raw and name != peer:
            rows.append([title, *(number(samples.ratio(figure.key, name, peer), 2) for figure in figures)])
    return table(rows)


def verdicts(reached_or_not):
    """The table of targets: what was asked, what was measured."""
    rows = [["target", "bound", "measured", ""]]
    for target in reached_or_not:
        bound = f"{'≥' if target.at_least else '≤'} {target.bound:g} {target.unit}".strip()
        decimals = 2 if target.unit == "x" else 1
        verdict = {True: "reached", False: "**not reached**", None: "not measured"}[target.reached]
        rows.append([target.title, bound, number(target.value, decimals), verdict])
    return table(rows)


def number(value, decimals):
    """A figure as a table shows it; a dash when there is none."""
    return "–" if value is None else f"{value:,.{decimals}f}"


def table(rows):
    """Rows of text as Markdown, the first of them the head."""
    head, *body = rows
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
