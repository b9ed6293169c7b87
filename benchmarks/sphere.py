"""What Figures 1 and 2 share: panels of a sweep, drawn twice, and the command around it.

Runs go to an SQLite store, one transaction each; the table (.csv) is an export of it. A rerun does
what is missing.
"""

from collections.abc import Sequence
from operator import itemgetter
from os import cpu_count
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console

import highdim
from benchmarks import command, frame, style
from highdim import RunConfig
from highdim.sweeps.screen import sweep_table
from highdim.sweeps.store import Record
from univariate.common.outputs import make_folder, nothing_left

FLOOR = 1e-8  # of the logarithmic panels
WIDTH = 120  # of tables where stdout is no terminal


class Panel(NamedTuple):
    """One panel of the paper: its title and its runs."""

    title: str
    runs: list[RunConfig]


class Script(NamedTuple):
    """A figure: name, title, and its panels by preset."""

    name: str
    title: str
    presets: dict[str, list[Panel]]


def rows_of(panel: Panel, rows: Sequence[Record]) -> list[Record]:
    """Return the rows of a panel."""
    wanted = {tuple(run.to_dict().values()) for run in panel.runs}
    names = list(panel.runs[0].to_dict())
    return [row for row in rows if tuple(row[name] for name in names) in wanted]


def draw(script: Script, panels: Sequence[Panel], rows: Sequence[Record]) -> Figure:
    """Draw every panel twice: linear, and logarithmic with the orthogonal limit dotted."""
    size = (5.4 * len(panels), 8.6)
    margins = {"right": 0.985, "top": 0.905, "bottom": 0.14, "wspace": 0.2, "hspace": 0.3}
    left = 0.66 / size[0]
    with style.page(
        size, script.title, caption(rows), left=left, heights=(0.957, 0.018), **margins
    ) as figure:
        axes = figure.subplots(2, len(panels), squeeze=False)
        for column, panel in zip(axes.T, panels, strict=True):
            mine = rows_of(panel, rows)
            highdim.plot_sweep(mine, ax=column[0]).set_title(panel.title)
            column[0].legend(loc="upper left", fontsize=8.2, handlelength=2.2)
            highdim.plot_sweep(mine, ax=column[1], logarithmic=True, floor=FLOOR)
            column[1].set_title("the same, logarithmic; dotted: orthogonal limit")
    return figure


def findings(rows: Sequence[Record]) -> dict[str, Any]:
    """Return the numbers that captions and documents quote."""
    kind = itemgetter("m", "d", "width", "depth", "p")
    apart = sorted({kind(row) for row in rows if not row["interpolates"]})
    return {
        "runs": len(rows),
        "seeds": len({row["seed"] for row in rows}),
        "interpolating": sum(row["interpolates"] for row in rows),
        "not_interpolating": [list(one) for one in apart],
        "flow_times": sorted({row["flow_time"] for row in rows}),
        "core_seconds": round(sum(row["seconds"] for row in rows), 1),
        "median_steps": float(np.median([row["steps"] for row in rows])),
        "smallest_error": min(row["clean_error"] for row in rows),
        "widest_interval": max(row["clean_error_high"] - row["clean_error_low"] for row in rows),
    }


def caption(rows: Sequence[Record]) -> str:
    """Return what the figure says below its panels."""
    found = findings(rows)
    times = ", ".join(f"{time:g}" for time in found["flow_times"])
    many = found["seeds"] > 1
    seeds = (
        f"up to {found['seeds']} seeds: mean (line) and range (band)" if many else "one seed each"
    )
    return (
        f"{found['runs']} runs, {seeds}.  Orange: $L_{{cl}}=p$.  Open triangles: below"
        f" $10^{{-8}}$.\nFlow time of the sum loss {times}; {found['interpolating']} runs"
        " interpolate (hollow: some do not).\nEstimates to 1 %, by line sampling;"
        f" {found['core_seconds'] / 3600.0:.1f} hours of one core."
    )


def main(script: Script, arguments: Sequence[str] | None = None) -> int:
    """Compute what is missing, export, draw; returns the exit status."""
    chosen = command.options(
        script.name,
        script.title,
        arguments,
        presets=script.presets,
        n_jobs=(cpu_count() or 1, "processes, one thread each"),
        backend=("loky", "local processes, or dask: a cluster"),
        store=(
            frame.RESULTS / f"{script.name}.sqlite",
            "the .sqlite file; .csv, .json, .png go beside it",
        ),
    )
    command.polite_kills()
    panels = script.presets[chosen.preset]
    start = perf_counter()
    store = chosen.store
    console = Console() if Console().is_terminal else Console(width=WIDTH)
    wanted = [run for panel in panels for run in panel.runs]
    choices = {"n_jobs": chosen.n_jobs, "backend": chosen.backend}
    try:
        with nothing_left():
            make_folder("store", store.parent)
            rows = highdim.sweep(wanted, store, progress=True, **choices)
    except KeyboardInterrupt:
        console.print("interrupted; finished runs are safe, the same command goes on from there")
        return 130
    except (ValueError, OSError, ModuleNotFoundError) as error:
        return command.refuse(chosen, error)
    highdim.export(list(rows), store.with_suffix(".csv"))
    about = {
        "preset": chosen.preset,
        "seconds": round(perf_counter() - start, 1),
        "processes": chosen.n_jobs,
        "machine": frame.machine(),
        "findings": findings(rows),
    }
    frame.write_json(store.with_suffix(".json"), about)
    frame.save_figure(draw(script, panels, rows), store, dpi=150)
    console.print(sweep_table(rows))
    return 0
