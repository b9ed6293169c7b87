"""The command `highdim`: report on a trained net, audit one on data, sweep over training runs, draw
figures of them.

Packages that take long to load are imported inside the commands, so that `--help` answers at once.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from univariate.common.console import (
    NoFigure,
    Out,
    application,
    console,
    guarded,
    listed,
    run as run_app,
    save_figure,
    say_where,
)

_WIDTH: Final = 120  # of tables where stdout is no terminal


def _version() -> str:
    from highdim.sweeps.sweep import library_version

    return library_version()


app = application(
    "highdim",
    "Training on the sphere, Theorems 4.1 and 4.3 on given nets, clean errors with intervals,"
    " Figures 1 and 2.",
    _version,
)

Epsilon = Annotated[
    float, typer.Option(help="ε of the theorems: L_cl ≤ ε is their claim, in (0, 1).")
]
Delta = Annotated[
    float, typer.Option(help="Failure probability of the sample's properties, in (0, 1).")
]
Polish = Annotated[
    bool, typer.Option("--polish", help="Find the KKT point near the net as well; small nets only.")
]


@app.command()
@guarded
def report(  # noqa: PLR0913, PLR0917 (one parameter per option)
    m: Annotated[int, typer.Option(help="Sample size.")] = 100,
    d: Annotated[int, typer.Option(help="Dimension.")] = 2000,
    p: Annotated[float, typer.Option(help="Noise level in [0, 1].")] = 0.1,
    width: Annotated[int, typer.Option(help="Neurons of every hidden layer.")] = 100,
    rng: Annotated[
        int, typer.Option(help="Seed of the sample, of the start and of what is sampled.")
    ] = 0,
    flow_time: Annotated[
        float | None,
        typer.Option(
            help="Train until this τ of the sum loss. [default: 2000/m, without a margin]"
        ),
    ] = None,
    margin: Annotated[float | None, typer.Option(help="Train until this smallest margin.")] = None,
    no_bias: Annotated[bool, typer.Option("--no-bias", help="A net without biases.")] = False,
    fixed_output: Annotated[
        bool, typer.Option("--fixed-output", help="Output weights ±1, as in Theorem 4.3.")
    ] = False,
    depth: Annotated[int, typer.Option(help="2 or 3 layers.")] = 2,
    epsilon: Epsilon = 0.01,
    delta: Delta = 0.05,
    polish: Polish = False,
    out: Out = Path(),
    save_net: Annotated[Path | None, typer.Option(help="Write the trained net as .npz.")] = None,
    save_sample: Annotated[
        Path | None, typer.Option(help="Write the sample as .npz or .csv.")
    ] = None,
    no_figure: NoFigure = False,
) -> None:
    """Draw a sample, train a net by gradient flow, and report on it: report.json and report.png.

    The screen shows the inequalities that matter most, the JSON all of them. Ctrl-C ends the
    training only.
    """
    from highdim.cli.report_command import ReportOptions, report as run

    options = ReportOptions(
        m, d, p, width, rng, flow_time, margin, no_bias, fixed_output, depth, epsilon, delta, polish
    )
    run(options, out, save_net=save_net, save_sample_to=save_sample, figure=not no_figure)


@app.command()
@guarded
def audit(  # noqa: PLR0913, PLR0917 (one parameter per option)
    net: Annotated[
        Path,
        typer.Argument(
            help="Network: .npz, or a PyTorch state_dict, .pt or .pth; ReLU is assumed."
        ),
    ],
    data: Annotated[
        Path, typer.Argument(help="Data: .csv with columns x0, x1, …, y, or .npz of arrays X, y.")
    ],
    p: Annotated[
        float | None,
        typer.Option(help="Noise level; that of the file, or the share of labels −1, if left out."),
    ] = None,
    rng: Annotated[int, typer.Option(help="Seed of what is sampled.")] = 0,
    epsilon: Epsilon = 0.01,
    delta: Delta = 0.05,
    polish: Polish = False,
    out: Out = Path(),
    no_figure: NoFigure = False,
) -> None:
    """Ask the same questions about your own network and data: audit.json and audit.png.

    Output weights that are all ±1 are judged as fixed ones too.
    """
    from highdim.cli.report_command import audit as examine
    from univariate.common import check

    options = {
        "p": p,
        "rng": check.count("rng", rng, least=0),
        "epsilon": epsilon,
        "delta": delta,
        "polish": polish,
    }
    examine(net, data, out, options=options, figure=not no_figure)


@app.command()
@guarded
def sweep(  # noqa: PLR0913, PLR0917 (one parameter per option)
    preset: Annotated[
        str | None, typer.Option(help="figure-1-left, figure-1-right, figure-2-left, …-right.")
    ] = None,
    size: Annotated[
        str, typer.Option(help="Of the preset: quick, two-core or paper.")
    ] = "two-core",
    m: Annotated[str, typer.Option(help="Sample size, or a comma list.")] = "100",
    d: Annotated[str, typer.Option(help="Dimension, or a comma list.")] = "100,1000",
    p: Annotated[str, typer.Option(help="Noise level, or a comma list.")] = "0.1,0.2,0.3",
    width: Annotated[str, typer.Option(help="Neurons, or a comma list.")] = "1000",
    seeds: Annotated[int, typer.Option(help="Seeds 0, 1, …, so many.")] = 1,
    flow_time: Annotated[
        float | None, typer.Option(help="τ of the sum loss. [default: 2000/m]")
    ] = None,
    depth: Annotated[int, typer.Option(help="2 or 3 layers.")] = 2,
    no_bias: Annotated[bool, typer.Option("--no-bias", help="Train nets without biases.")] = False,
    fixed_output: Annotated[
        bool, typer.Option("--fixed-output", help="Output weights ±1, as in Theorem 4.3.")
    ] = False,
    n_jobs: Annotated[int, typer.Option("--n-jobs", help="Processes, one thread each.")] = 1,
    backend: Annotated[str, typer.Option(help="loky (local processes) or dask.")] = "loky",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, for --backend dask.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="The .sqlite file. [default: in the folder]")
    ] = None,
    out: Out = Path(),
) -> None:
    """Train over a grid, or the runs of a figure; writes the store, sweep.csv and sweep.png.

    Every finished run is kept at once: whatever happens, the same command does what is missing.
    """
    from highdim.sweeps.presets import preset as runs_of, protocol_time
    from highdim.sweeps.runs import grid
    from univariate.common import check

    if preset is not None:
        runs = runs_of(preset, size)
    else:
        given: dict[str, Any] = {
            "d": _numbers("d", d, int),
            "p": _numbers("p", p, float),
            "width": _numbers("width", width, int),
        }
        given |= {
            "seed": range(check.count("seeds", seeds)),
            "depth": depth,
            "bias": not no_bias,
            "train_output": not fixed_output,
        }
        runs = []
        for one in [check.count("m", size) for size in _numbers("m", m, int)]:
            runs += grid(
                m=one, flow_time=protocol_time(one) if flow_time is None else flow_time, **given
            )
    out.mkdir(parents=True, exist_ok=True)
    name = "sweep" if preset is None else preset
    _publish(_rows(runs, store or out / f"{name}.sqlite", n_jobs, backend, scheduler), out, name)


@app.command()
@guarded
def figure(
    store: Annotated[Path, typer.Argument(help="The .sqlite file of a sweep.")],
    out: Annotated[Path, typer.Option(help="The .png, .pdf or .svg file.")] = Path("sweep.png"),
    logarithmic: Annotated[
        bool, typer.Option("--log", help="Logarithmic errors, with the orthogonal limit.")
    ] = False,
) -> None:
    """Draw the clean errors of all finished runs of a store against the noise level."""
    from highdim.sweeps.store import stored_rows
    from highdim.sweeps.sweep import library_version

    rows = stored_rows(store, library_version())
    _draw(rows, out, logarithmic=logarithmic)
    typer.echo(f"{len(rows)} runs; wrote {out}")


def main() -> None:
    """Run the command line; the console entry point."""
    run_app(app)


def _rows(
    runs: list[Any], store: Path, n_jobs: int, backend: str, scheduler: str | None
) -> Sequence[dict[str, Any]]:
    """Run the sweep, on the workers of a Dask scheduler if one is named."""
    from highdim.sweeps.sweep import sweep as finish

    try:
        if scheduler is None:
            return finish(runs, store, n_jobs=n_jobs, backend=backend, progress=True)
        with _client(scheduler):
            return finish(runs, store, n_jobs=n_jobs, backend="dask", progress=True)
    except KeyboardInterrupt:
        typer.echo(f"finished runs are kept in {store}, the same command goes on", err=True)
        raise


def _client(scheduler: str) -> AbstractContextManager[object]:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "`scheduler` needs Dask; install tempered-overfitting[cluster]"
        ) from None
    client: AbstractContextManager[object] = Client(scheduler)
    return client


def _publish(rows: Sequence[dict[str, Any]], out: Path, name: str) -> None:
    """Write the table and the figure, and show means."""
    from highdim.sweeps.screen import sweep_table
    from highdim.sweeps.store import export

    files = [export(list(rows), out / f"{name}.csv")]
    files.append(_draw(rows, out / f"{name}.png", logarithmic=False))
    screen = console(_WIDTH)
    screen.print(sweep_table(rows))
    missed = sum(not row["interpolates"] for row in rows)
    fitting = f"all but {missed}" if missed else "all"
    screen.print(f"{len(rows)} runs, {fitting} interpolating.")
    say_where(screen, files)


def _draw(rows: Sequence[dict[str, Any]], path: Path, *, logarithmic: bool) -> Path:
    from highdim.report.plots import plot_sweep

    drawn = plot_sweep(rows, logarithmic=logarithmic)
    drawn.legend(frameon=False, fontsize=8.5)
    picture = drawn.get_figure(root=True)
    assert picture is not None
    return save_figure(picture, path, dpi=150)


def _numbers(name: str, text: str, kind: type[int] | type[float]) -> list[Any]:
    """Return the numbers of a comma list."""
    return listed(name, text, kind, "a number or a comma list of them", "100,200")
