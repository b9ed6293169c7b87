"""Options that several commands of `univariate` share."""

from typing import Annotated

import typer

Sizes = Annotated[str, typer.Option("--m", help="Sample size, or a comma list for a study.")]
Rates = Annotated[
    str, typer.Option("--p", help="Noise level in [0, 1], or a comma list for a study.")
]
Seed = Annotated[int, typer.Option("--rng", help="Seed; a study uses it and the following ones.")]
Seeds = Annotated[
    int, typer.Option("--seeds", help="Samples per m and p; more than one makes a study.")
]
Delta = Annotated[
    float, typer.Option("--delta", help="Failure probability of the sample events, in (0, 1).")
]
Density = Annotated[
    str | None,
    typer.Option(
        "--density",
        help="Density of x: a scipy.stats name, e.g. 'beta(2, 5)'; uniform if left out.",
    ),
]
Truth = Annotated[
    str | None,
    typer.Option(
        "--truth",
        help="Labels without noise: breakpoints and the signs between, e.g. '0.3,0.6:+-+'; +1 if"
        " left out.",
    ),
]
ColumnNames = Annotated[
    str | None,
    typer.Option(
        "--columns",
        help="Which columns of a table are the input and the label: dose,responder; x,y if left"
        " out.",
    ),
]
