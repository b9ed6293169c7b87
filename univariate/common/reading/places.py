"""What a file and its folders are called, where that may say which network is in it."""

from pathlib import Path
from typing import Final

from univariate.common.nets.names import word_set
from univariate.common.nets.other_words import names_other

_OF_RUNS: Final = word_set(
    "runs results outputs experiments sweeps multirun mlruns wandb lightning_logs checkpoints ckpts"
)
"""Folders whose folders are called after runs; those above are of users, projects and systems."""


def names_on(path: str) -> list[str]:
    """Return the names of a file and of its folders that name another activation, as "the name
    'tanh_w20.pt'": the folders that a relative path was typed with, and those inside a folder of
    runs.
    """
    *folders, name = Path(path).parts or (path,)
    kept = [] if Path(path).is_absolute() else folders
    inside = [one for one in _inside_runs(Path(path)) if one not in kept]
    found = [f"the folder {one!r}" for one in [*inside, *kept] if names_other("file", one)]
    return [*found, f"the name {name!r}"] if names_other("file", name) else found


def _inside_runs(path: Path) -> list[str]:
    """Return the folders inside the first folder of runs on a path, wherever it was typed."""
    try:
        folders = path.absolute().parent.parts
    except OSError:  # the working folder is gone
        folders = path.parent.parts
    places = [k for k, one in enumerate(folders) if one.lower() in _OF_RUNS]
    return list(folders[places[0] + 1 :]) if places else []
