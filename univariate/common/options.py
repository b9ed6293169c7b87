"""Options that commands of both packages share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class FigureFormat(StrEnum):
    """Formats of figures."""

    PNG = "png"
    PDF = "pdf"
    SVG = "svg"


Out = Annotated[
    Path, typer.Option("--out", help="Folder for the files written, made if it is missing.")
]
Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        help="Write the JSON to this file, pipe or device, not to the folder; - is standard output,"
        " which then holds nothing else.",
    ),
]
NoFigure = Annotated[bool, typer.Option("--no-figure", help="Draw no figure.")]
Format = Annotated[FigureFormat, typer.Option("--figure-format", help="Format of the figure.")]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Replace the files of an earlier run.")
]
Quiet = Annotated[
    bool,
    typer.Option("--quiet", "-q", help="Print no table and no progress, only what went wrong."),
]
LabelMapping = Annotated[
    str | None,
    typer.Option(
        "--label-map", help="Which labels are +1 and -1, where others are used: 0=-1,1=1."
    ),
]
NetKey = Annotated[
    str | None,
    typer.Option(
        "--net-key",
        help="Which network of a checkpoint that holds several; '' for all layers in a row.",
    ),
]
NetFile = Annotated[
    Path,
    typer.Argument(
        help="Network: .npz, or a state_dict of PyTorch or safetensors; ReLU is assumed."
    ),
]
