"""Medians and percentiles, and how they are printed."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Sequence

__all__ = ["machine", "median", "ms", "percentile", "show", "times"]

median = statistics.median


def percentile(values: Sequence[float], of_hundred: float) -> float:
    """The smallest value that at least so many per cent of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(of_hundred / 100 * len(values)) - 1)]


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def times(ours: float, theirs: float) -> str:
    """How many times as much as ours theirs is."""
    return f"{theirs / ours:.3g} x" if ours > 0 else "-"


def machine() -> str:
    """What the figures depend on: cores, how busy they are already, Python."""
    busy, cores = os.getloadavg()[0], os.cpu_count() or 1
    told = f"{cores} cores ({platform.machine()}), load average {busy:.2f} at the start, "
    told += f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.release()}"
    return told + ("\nThe machine is busy: the times would be better on a quiet one." if busy > cores / 4 else "")


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *notes: str) -> None:
    """Print a table: the first column to the left, figures to the right, notes below."""
    cells = [[str(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    lines = ["  ".join(_padded(cell, width, place) for place, (cell, width) in enumerate(zip(row, widths, strict=True)))
             for row in cells]  # fmt: skip
    lines.insert(1, "  ".join("-" * width for width in widths))
    print("", title, "=" * len(title), *(f"  {line.rstrip()}" for line in lines), *notes, sep="\n", flush=True)


def _padded(cell: str, width: int, place: int) -> str:
    return cell.ljust(width) if place == 0 else cell.rjust(width)
