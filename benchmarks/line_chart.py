"""Line charts as one small SVG that can be read on white and on black."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 400, 270, 44, 44, 46
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333 } .small { font-size: 11px } .title { font-weight: 600 }
path { fill: none; stroke-width: 2 } .axis { stroke: #777; stroke-width: 1 } .grid { stroke: #8883; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
"""
_COLOURS = ("#2f7ed8", "#d9541e", "#888888")


@dataclass(frozen=True)
class Line:
    """One line, with a value for each label of the horizontal axis."""

    name: str
    values: Sequence[float]
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """Values over steps that are as far apart as their order, because they grow by factors."""

    title: str
    across: str
    labels: Sequence[str]
    up: str
    lines: Sequence[Line]

    def svg(self) -> str:
        """Its elements, in a frame of its own size."""
        step, most = _ticks(max(max(line.values) for line in self.lines))
        return "".join(
            [
                _text(_LEFT, 16, self.title, "title"),
                _text(_LEFT, 34, self.up, "small"),
                *(self._level(step * level, most) for level in range(round(most / step) + 1)),
                *(
                    _text(self._x(at), _HEIGHT - _BOTTOM + 16, label, "small", "middle")
                    for at, label in enumerate(self.labels)
                ),
                _text((_LEFT + _WIDTH - 16) / 2, _HEIGHT - _BOTTOM + 36, self.across, "small", "middle"),
                *(self._line(line, _COLOURS[at % len(_COLOURS)], most) for at, line in enumerate(self.lines)),
            ]
        )

    def _x(self, at: int) -> float:
        return _LEFT + 16 + at * (_WIDTH - _LEFT - 48) / (len(self.labels) - 1)

    def _y(self, value: float, most: float) -> float:
        return _HEIGHT - _BOTTOM - value / most * (_HEIGHT - _TOP - _BOTTOM)

    def _level(self, value: float, most: float) -> str:
        y, kind = self._y(value, most), "grid" if value else "axis"
        return f'<path class="{kind}" d="M{_LEFT} {y:.1f}H{_WIDTH - 16}"/>' + _text(
            _LEFT - 6, y + 4, f"{value:g}", "small", "end"
        )

    def _line(self, line: Line, colour: str, most: float) -> str:
        path = "L".join(f"{self._x(at):.1f} {self._y(value, most):.1f}" for at, value in enumerate(line.values))
        dashes = ' stroke-dasharray="6 4"' if line.dashed else ""
        return f'<path d="M{path}" stroke="{colour}"{dashes}><title>{html.escape(line.name)}</title></path>'


def drawn(charts: Sequence[Chart], caption: str) -> str:
    """The charts side by side, what their lines are, and the caption."""
    width, height = _WIDTH * len(charts), _HEIGHT + 44
    shown = "".join(f'<g transform="translate({_WIDTH * at} 0)">{chart.svg()}</g>' for at, chart in enumerate(charts))
    names = "".join(_legend(line, at) for at, line in enumerate(charts[0].lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">'
        f"<style>{_STYLE}</style>{shown}{names}{_text(_LEFT, _HEIGHT + 34, caption, 'small')}</svg>\n"
    )


def _legend(line: Line, at: int) -> str:
    x, y, dashes = _LEFT + 150 * at, _HEIGHT + 10, ' stroke-dasharray="6 4"' if line.dashed else ""
    return f'<path d="M{x} {y}h24" stroke="{_COLOURS[at % len(_COLOURS)]}"{dashes}/>' + _text(
        x + 30, y + 4, line.name, "small"
    )


def _ticks(most: float) -> tuple[float, float]:
    """The step of a scale with about five levels, and its last level."""
    rough = most / 5
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return step, step * math.ceil(most / step)


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'
