"""The command `highdim`: report on a trained net, audit one on data, sweep over training runs, draw
figures of them.

Packages that take long to load are imported inside the commands, so that `--help` answers at once.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from univariate.common.console import inform
from univariate.common.delivery import Delivery, drawn
from univariate.common.help import OneLineCommand
from univariate.common.options import (
    FigureFormat,
    Format,
    Json,
    LabelMapping,
    NetFile,
    NetKey,
    NoFigure,
    Out,
    Overwrite,
    Quiet,
)
from univariate.common.outputs import require_endings, require_free, require_other, require_places
from univariate.common.program import application, guarded, run as run_app
from univariate.common.version import library_version
from univariate.common.words import counted

app = application(
    "highdim",
    "Training on the sphere, Theorems 4.1 and 4.3 on given nets, clean errors with intervals,"
    " Figures 1 and 2.",
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
Truth = Annotated[
    str | None,
    typer.Option(
        "--truth",
        help="Labels without noise: 'half-space 0.6,0.8 0.1' (direction, offset), 'half-space e1',"
        " or a file with a 2-layer net, whose sign it is; +1 if left out.",
    ),
]
Solve = Annotated[
    bool,
    typer.Option(
        "--max-margin", help="Solve Problem (1) too, and say where the net stands; small d only."
    ),
]

FixedOutput = Annotated[
    bool, typer.Option("--fixed-output", help="Output weights ±1, as in Theorem 4.3.")
]
Depth = Annotated[int, typer.Option(help="2 or 3 layers.")]
LawOfX = Annotated[
    str | None,
    typer.Option(
        "--law",
        help="Law of x: gaussian for N(0, I/d), ball, 'N(0, 0.5 I)', 'uniform in the ball of"
        " radius 2'; uniform on the sphere, as in Section 4, if left out.",
    ),
]


@app.command(cls=OneLineCommand)
@guarded()
def report(  # noqa: PLR0913, PLR0917 (one parameter per option)
    m: Annotated[int, typer.Option(help="Sample size.")] = 100,
    d: Annotated[int, typer.Option(help="Dimension.")] = 2000,
    p: Annotated[float, typer.Option(help="Noise level in [0, 1].")] = 0.1,
    width: Annotated[int, typer.Option(help="Neurons of every hidden layer.")] = 100,
    rng: Annotated[
        int,
        typer.Option(
            help="Seed of the sample, of the start and of what is sampled; not that of a run of a"
            " sweep."
        ),
    ] = 0,
    flow_time: Annotated[
        float | None,
        typer.Option(
            help="Train until this τ, the flow time of the sum loss; 2000/m if neither it nor"
            " --margin is given."
        ),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option(
            help="Train until this smallest margin; without --flow-time a run that does not get on"
            " ends, and says so."
        ),
    ] = None,
    no_bias: Annotated[bool, typer.Option("--no-bias", help="A net without biases.")] = False,
    fixed_output: FixedOutput = False,
    depth: Depth = 2,
    epsilon: Epsilon = 0.01,
    delta: Delta = 0.05,
    truth: Truth = None,
    polish: Polish = False,
    max_margin: Solve = False,
    law: LawOfX = None,
    out: Out = Path(),
    save_net: Annotated[Path | None, typer.Option(help="Write the trained net as .npz.")] = None,
    save_sample: Annotated[
        Path | None, typer.Option(help="Write the sample as .npz or .csv.")
    ] = None,
    json: Json = None,
    figure_format: Format = FigureFormat.PNG,
    no_figure: NoFigure = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Draw a sample on the sphere, train a net by gradient flow, and report on it.

    Writes report.json and report.png. The screen shows the clean error, where the net stands, and
    the inequalities of Theorems 4.1 and 4.3 that matter most, the JSON all of them. Ctrl-C and
    SIGTERM while it trains end the training only: the net is reported as far as it came. Later
    there is no report, and --save-net keeps the net.
    """
    from highdim.cli.report_command import ReportOptions, report as run

    options = ReportOptions(
        *(m, d, p, width, rng, flow_time, margin, no_bias, fixed_output, depth, epsilon, delta),
        *(polish, max_margin, truth, law),
    )
    where = Delivery(out, json, not no_figure, figure_format.value, overwrite)
    run(options, where, save_net=save_net, save_sample_to=save_sample)


@app.command(cls=OneLineCommand)
@guarded(key="net_key")
def audit(  # noqa: PLR0913, PLR0917 (one parameter per option)
    net: NetFile,
    data: Annotated[
        Path,
        typer.Argument(help="Data: a table with a label y among its columns, or arrays X, y."),
    ],
    label_map: LabelMapping = None,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Which columns of a table are inputs and, last, the label: x0,x1,responder; all,"
            " with y, if left out."
        ),
    ] = None,
    net_key: NetKey = None,
    p: Annotated[
        float | None,
        typer.Option(
            help="Noise level; that of the file, or the share of labels against the truth, if left"
            " out."
        ),
    ] = None,
    rng: Annotated[int, typer.Option(help="Seed of what is sampled.")] = 0,
    epsilon: Epsilon = 0.01,
    delta: Delta = 0.05,
    truth: Truth = None,
    polish: Polish = False,
    max_margin: Solve = False,
    law: Annotated[
        str | None,
        typer.Option(
            help="Law of x, as in `highdim report`; that of the file, or the sphere, if left out."
        ),
    ] = None,
    out: Out = Path(),
    json: Json = None,
    figure_format: Format = FigureFormat.PNG,
    no_figure: NoFigure = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Examine your own network on your own data: clean error, KKT point, Theorems 4.1 and 4.3.

    Inputs are points of the unit sphere in d dimensions, unless --law says otherwise. Writes
    audit.json and audit.png. Output weights that are all ±1 are judged as fixed ones too.
    """
    from highdim.cli.report_command import audit as examine
    from univariate.common import check

    options = {
        "p": p,
        "rng": check.count("rng", rng, least=0),
        "epsilon": epsilon,
        "delta": delta,
        "polish": polish,
        "solve": max_margin,
        "law": law,
    }
    where = Delivery(out, json, not no_figure, figure_format.value, overwrite)
    examine(
        *(net, data, where),
        options=options,
        label_map=label_map,
        columns=columns,
        net_key=net_key,
        truth=truth,
    )


@app.command(cls=OneLineCommand)
@guarded(name="preset", seed="seeds")
def sweep(  # noqa: PLR0913, PLR0917 (one parameter per option)
    context: typer.Context,
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
    seeds: Annotated[
        int,
        typer.Option(
            help="Seeds 0, 1, …, so many. The draws of a run are its own: its seed is no --rng of"
            " `highdim report`."
        ),
    ] = 1,
    flow_time: Annotated[
        float | None,
        typer.Option(help="Train until this τ, the flow time of the sum loss; 2000/m if left out."),
    ] = None,
    depth: Depth = 2,
    no_bias: Annotated[bool, typer.Option("--no-bias", help="Train nets without biases.")] = False,
    fixed_output: FixedOutput = False,
    polish: Annotated[
        bool,
        typer.Option(
            "--polish",
            help="Record the KKT point near every net too: residual, norm, error. For nets of up to"
            " 20,000 pairs of a kind of neurons and a datum; of others the record says why not.",
        ),
    ] = False,
    n_jobs: Annotated[int, typer.Option("--n-jobs", help="Processes, one thread each.")] = 1,
    backend: Annotated[
        str | None,
        typer.Option(
            help="loky (local processes) or dask; if left out, dask with a --scheduler, else loky."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Address of a Dask scheduler, tcp://…, whose workers do the runs."),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="The .sqlite file; sweep.sqlite in --out if left out.")
    ] = None,
    out: Out = Path(),
    figure_format: Format = FigureFormat.PNG,
    no_figure: NoFigure = False,
    quiet: Quiet = False,
) -> None:
    """Train nets over a grid of m, d, p and width, or the runs of a figure of the paper.

    Writes the store sweep.sqlite, and from it sweep.csv and sweep.png. Every finished run is kept
    at once: whatever happens, the same command does what is missing. In Python,
    highdim.RunConfig.of(row) draws the sample of a row and trains its net again.
    """
    from highdim.cli.sweep_command import GridOptions, Workers, require_one_way, sweep as finish
    from highdim.sweeps.presets import preset as runs_of

    require_one_way(context, preset)
    if preset is None:
        numbers = (m, d, p, width, seeds, flow_time, depth)
        runs = GridOptions(*numbers, no_bias, fixed_output, polish).runs()
    else:
        runs = [replace(one, polish=polish) for one in runs_of(preset, size)]
    workers = Workers(n_jobs, backend, scheduler)
    name = "sweep" if preset is None else preset
    where = Delivery(out, None, not no_figure, figure_format.value)
    where.make_folder({"store": store})
    require_places({"store": store})
    kept = store or out / f"{name}.sqlite"
    finish(runs, kept, where, name, workers=workers)


@app.command(cls=OneLineCommand)
@guarded()
def figure(
    store: Annotated[Path, typer.Argument(help="The .sqlite file of a sweep.")],
    out: Annotated[Path, typer.Option(help="The .png, .pdf or .svg file.")] = Path("sweep.png"),
    logarithmic: Annotated[
        bool, typer.Option("--log", help="Logarithmic errors, with the orthogonal limit.")
    ] = False,
    along: Annotated[
        str, typer.Option(help="p: against the noise level; d/m: against the dimension, with fits.")
    ] = "p",
    floor: Annotated[
        float | None,
        typer.Option(
            help="With --log: where errors begin, in (0, 1); means below are open triangles;"
            " 1e-8 if left out."
        ),
    ] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Draw the clean errors of all finished runs of a sweep against the noise level, or against
    d/m: a curve for every kind of runs, and a run that was polished too counts once.
    """
    from univariate.common import check

    check.choice("along", along, ("p", "d/m"))
    if floor is not None:
        check.probability("floor", floor, open_interval=True)
        if not logarithmic:
            raise ValueError("`floor` is about logarithmic errors; add `logarithmic`, or drop it")
    from highdim.cli.sweep_command import figure as draw
    from highdim.sweeps.rows import distinct
    from highdim.sweeps.store import stored_rows

    require_endings("out", out, [f".{kind.value}" for kind in FigureFormat])
    require_places({"out": out})
    require_other("out", out, {"store": store})
    require_free([out], overwrite=overwrite)
    rows = distinct(stored_rows(store, library_version()))
    look = {"logarithmic": logarithmic} | ({} if floor is None else {"floor": floor})
    if drawn(lambda: draw(rows, along, **look), out, 150.0):
        inform(f"{counted(len(rows), 'run')}; wrote {out}")


def main() -> None:
    """Run the command line."""
    run_app(app)
