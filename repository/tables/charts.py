"""Charts as SVG, drawn on the server: they need no script, print, and can be embedded.

Colours and fonts come from `tables.css`; only numbers and escaped text stand in the drawing.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 32, 56
KINDS = ("bar", "line", "scatter")
MAX_BARS = 40
MAX_POINTS = 2000
TICKS = 5
LABEL = 14
DATED = ("date", "datetime")


@dataclass(frozen=True)
class Chart:
    """`points` are pairs as the reader gave them; `kind` is one of KINDS, or `map`."""

    kind: str
    x: str
    y: str
    x_type: str
    points: Sequence[Sequence[Any]]


def spark(bins: Sequence[int] | None) -> Markup:
    """A column's histogram at the size of a word."""
    if not bins or not max(bins):
        return Markup("")
    high, step = max(bins), 100 / len(bins)
    bars = Markup("").join(
        Markup('<rect x="{}" y="{}" width="{}" height="{}"/>').format(
            _n(at * step), _n(24 - 24 * n / high), _n(step * 0.85), _n(24 * n / high)
        )
        for at, n in enumerate(bins)
        if n
    )
    return Markup(
        '<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>"
    ).format(bars)


def draw(chart: Chart, title: str) -> Markup:
    """The chart, or nothing where there are no numbers to draw."""
    parts = _bars(chart) if chart.kind == "bar" else _plot(chart)
    if not parts:
        return Markup("")
    body = Markup("\n").join(parts)
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '{}<text class="axis-name" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="axis-name" x="{}" y="12">{}</text></svg>'
    ).format(
        WIDTH, HEIGHT, title, body, (LEFT + WIDTH - RIGHT) // 2, HEIGHT - 8, chart.x, 4, chart.y
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _bars(chart: Chart) -> list[Markup]:
    told = [(str(x), float(y)) for x, y in chart.points if x is not None and y is not None]
    told = told[:MAX_BARS]
    if not told:
        return []
    low, high, ticks = _scale(min(0.0, *(y for _, y in told)), max(0.0, *(y for _, y in told)))
    y_of = _placed(low, high, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / len(told)
    parts = _y_axis(ticks, y_of)
    every = math.ceil(len(told) / 12)
    for at, (label, value) in enumerate(told):
        x, top, bottom = LEFT + at * step, y_of(max(value, 0.0)), y_of(min(value, 0.0))
        parts.append(
            Markup(
                '<rect class="mark" x="{}" y="{}" width="{}" height="{}"><title>{}: {}</title>'
                "</rect>"
            ).format(
                _n(x + step * 0.1), _n(top), _n(step * 0.8), _n(bottom - top), label, _text(value)
            )
        )
        if at % every == 0:
            short = label if len(label) <= LABEL else label[: LABEL - 1] + "…"
            parts.append(_x_label(x + step / 2, short))
    return parts


def _plot(chart: Chart) -> list[Markup]:
    """Line and scatter: both axes are numbers or moments."""
    told = [
        (x, float(point[1]))
        for point in chart.points
        if point[1] is not None and (x := _place(point[0], chart.x_type)) is not None
    ]
    if not told:
        return []
    told.sort(key=lambda pair: pair[0])
    dated = chart.x_type in DATED
    least, most = told[0][0], told[-1][0]
    x_low, x_high, x_ticks = _moments(least, most) if dated else _scale(least, most)
    low, high, ticks = _scale(min(y for _, y in told), max(y for _, y in told))
    x_of, y_of = (
        _placed(x_low, x_high, LEFT, WIDTH - RIGHT),
        _placed(low, high, HEIGHT - BOTTOM, TOP),
    )
    parts = _y_axis(ticks, y_of)
    parts += [_x_label(x_of(t), _moment(t) if dated else _text(t)) for t in x_ticks]
    if chart.kind == "line":
        path = "L".join(f"{_n(x_of(x))} {_n(y_of(y))}" for x, y in told)
        parts.append(Markup('<path class="line" d="M{}"/>').format(path))
    else:
        parts += [
            Markup('<circle class="dot" cx="{}" cy="{}" r="3"/>').format(_n(x_of(x)), _n(y_of(y)))
            for x, y in told
        ]
    return parts


def number_of(value: Any) -> float | None:
    """None for what cannot be drawn: nothing, words, infinities."""
    try:
        number = math.nan if value is None else float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def moment_of(value: Any) -> datetime | None:
    """By the clock it was written by. None for nothing, and for years that Python has not."""
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        return None


def _place(value: Any, word: str) -> float | None:
    if word not in DATED or value is None:
        return number_of(value)
    moment = moment_of(value)
    return None if moment is None else moment.replace(tzinfo=UTC).timestamp()


def _moments(least: float, most: float) -> tuple[float, float, list[float]]:
    most = most if most > least else least + 86400
    return least, most, [least + (most - least) * n / TICKS for n in range(TICKS + 1)]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _scale(least: float, most: float) -> tuple[float, float, list[float]]:
    """Round numbers from below the least to above the greatest."""
    if most <= least:
        least, most = least - (abs(least) or 1) / 2, most + (abs(most) or 1) / 2
    rough = (most - least) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough * 0.999)
    first, last = math.floor(least / step), math.ceil(most / step)
    return first * step, last * step, [n * step for n in range(first, last + 1)]


def _placed(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (value - low) / (high - low) * (end - start)


def _y_axis(ticks: Sequence[float], y_of: Callable[[float], float]) -> list[Markup]:
    return [
        Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
            '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
        ).format(LEFT, WIDTH - RIGHT, _n(y_of(t)), _n(y_of(t)), LEFT - 8, _n(y_of(t) + 4), _text(t))
        for t in ticks
    ]


def _x_label(x: float, text: str) -> Markup:
    return Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        _n(x), HEIGHT - BOTTOM + 20, escape(text)
    )


def _text(value: float) -> str:
    return f"{value:.6g}"
