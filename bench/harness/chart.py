"""The chart: a panel a figure, a bar a way, a thin line from the least sample to the greatest."""

from xml.sax.saxutils import escape

from figures import FIGURES
from ways import WAYS

#: Bar colours, each with enough contrast on white and on black.
COLOURS = {"veth": "#8b949e", "vxlan": "#6e7ec2", "wireguard-go": "#c0603f", "socat": "#b08a2e", "qanat": "#1a9a8a"}

WIDTH, MARGIN, GAP = 880, 24, 40
BAR, PITCH, HEAD = 16, 22, 46
LEGEND = 64
LABEL = 64

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 14px; font-weight: 600; }
.note { fill: #656d76; }
.range { stroke: #1f2328; stroke-width: 1.2; opacity: .6; }
.axis { stroke: #656d76; opacity: .5; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .note { fill: #9198a1; }
  .range { stroke: #e6edf3; }
}
"""


def svg(samples):
    """The chart of a run as the text of an SVG file, readable on light and on dark."""
    ways = [name for name in WAYS if name in samples.raw]
    panel_width = (WIDTH - 2 * MARGIN - GAP) / 2
    panel_height = HEAD + PITCH * len(ways) + 20
    parts = [*_legend(ways)]
    for place, figure in enumerate(FIGURES):
        x = MARGIN + (place % 2) * (panel_width + GAP)
        y = LEGEND + (place // 2) * panel_height
        parts += _panel(samples, ways, figure, x, y, panel_width)
    height = LEGEND + -(-len(FIGURES) // 2) * panel_height
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Qanat beside its peers</title>",
        f"<style>{STYLE}</style>",
        *parts,
        "</svg>",
    ]) + "\n"


def _legend(ways):
    step = (WIDTH - 2 * MARGIN) / len(WAYS)
    for place, name in enumerate(ways):
        x = MARGIN + place * step
        yield f'<rect x="{x:.0f}" y="20" width="14" height="14" rx="3" fill="{COLOURS[name]}"/>'
        weight = ' font-weight="600"' if name == "qanat" else ""
        yield f'<text x="{x + 20:.0f}" y="31.5"{weight}>{escape(WAYS[name][0])}</text>'


def _panel(samples, ways, figure, x, y, width):
    better = "more is better" if figure.more_is_better else "less is better"
    yield f'<text x="{x:.0f}" y="{y + 14}" class="title">{escape(figure.title)}</text>'
    yield f'<text x="{x:.0f}" y="{y + 31}" class="note">{escape(figure.unit)}, {better}</text>'
    most = max((value for name in ways for value in samples.of(name, figure.key)), default=0)
    scale = (width - LABEL) / most if most else 0
    top = y + HEAD - 6
    yield f'<line x1="{x:.0f}" y1="{top}" x2="{x:.0f}" y2="{top + PITCH * len(ways)}" class="axis"/>'
    for place, name in enumerate(ways):
        yield from _bar(samples.of(name, figure.key), samples.median(name, figure.key), scale, figure.decimals,
                        COLOURS[name], x, top + place * PITCH + (PITCH - BAR) / 2)


def _bar(values, median, scale, decimals, colour, x, y):
    middle = y + BAR / 2
    if median is None:
        yield f'<text x="{x + 6:.0f}" y="{middle + 4:.1f}" class="note">in the kernel</text>'
        return
    least, greatest = (x + edge * scale for edge in (min(values), max(values)))
    yield f'<rect x="{x:.0f}" y="{y:.1f}" width="{max(1, median * scale):.1f}" height="{BAR}" rx="2" fill="{colour}"/>'
    if len(values) > 1:
        yield f'<line x1="{least:.1f}" y1="{middle}" x2="{greatest:.1f}" y2="{middle}" class="range"/>'
    yield f'<text x="{greatest + 6:.1f}" y="{middle + 4:.1f}">{median:,.{decimals}f}</text>'
