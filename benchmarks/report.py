"""The results as one table, as JSON, and as a page with bars."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure

_VALUE = 2
_LONGEST = 1.5  # a bar that is drawn, in its limit
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #8884; padding: .25rem .6rem; text-align: left; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { display: block; } .met { color: #17713a; } .missed { color: #b3261e; font-weight: 600; }
"""


def table(figures: Sequence[Figure]) -> str:
    """For a terminal."""
    rows = [("what", "", "", "", "bar", "")] + [_cells(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return "\n".join("  ".join(map(_padded, range(6), row, widths)).rstrip() for row in rows)


def _padded(column: int, cell: str, width: int) -> str:
    return cell.rjust(width) if column == _VALUE else cell.ljust(width)


def _number(value: float) -> str:
    if value < 1:
        return f"{value:.3g}"
    return f"{value:,.{0 if value >= 100 else 2}f}"


def write(folder: Path, figures: Sequence[Figure], about: Mapping[str, Any]) -> None:
    """`latest.json` and `latest.html`."""
    folder.mkdir(parents=True, exist_ok=True)
    data = [asdict(figure) | {"met": figure.met} for figure in figures]
    (folder / "latest.json").write_text(json.dumps({**about, "figures": data}, indent=2))
    (folder / "latest.html").write_text(page(figures, about))


def page(figures: Sequence[Figure], about: Mapping[str, Any]) -> str:
    """A self-contained HTML page."""
    details = "".join(f"<li>{html.escape(name)}: {html.escape(str(value))}</li>" for name, value in about.items())
    rows = "".join(map(_row, figures))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Benchmarks</title><style>{_STYLE}</style>'
        f"<h1>Benchmarks</h1><ul>{details}</ul><table><tr><th>what<th><th><th><th>bar<th></tr>{rows}</table></html>\n"
    )


def _row(figure: Figure) -> str:
    part, name, value, unit, bar, about = map(html.escape, _cells(figure))
    kind = {None: "", True: "met", False: "missed"}[figure.met]
    return (
        f'<tr><td>{part}<td>{name}<td class="number">{value}<td>{unit}<td class="{kind}">{bar}{_bar(figure)}'
        f"<td>{about}</tr>"
    )


def _bar(figure: Figure) -> str:
    """A bar chart of the figure; the line is its limit."""
    if figure.met is None:
        return ""
    value, bar = (figure.value, figure.most) if figure.most is not None else (figure.least or 0.0, figure.value)
    used = value / bar if bar else float(value > 0) * _LONGEST
    colour = "#17713a" if figure.met else "#b3261e"
    return (
        f'<svg width="150" height="8" role="img" aria-label="{used:.0%} of the bar">'
        f'<rect width="{min(used, _LONGEST) * 100:.0f}" height="8" fill="{colour}"/>'
        '<path d="M100 0v8" stroke="#888"/></svg>'
    )


def _cells(figure: Figure) -> tuple[str, str, str, str, str, str]:
    met = {None: "", True: f"{figure.bar}, met", False: figure.bar}[figure.met]
    return figure.part, figure.name, _number(figure.value), figure.unit, met, figure.about
