"""What a file and its folders are called, where that may say which network is in it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from univariate.common.nets.names import spelled, word_set
from univariate.common.nets.other_words import names_other

_OF_RUNS: Final = word_set(
    "runs results output outputs out experiments exps sweeps multirun mlruns wandb lightning_logs"
    " tb_logs logs checkpoints ckpts models trained_models saved ray_results"
)
"""Folders whose folders are called after runs; those above are of users, projects and systems."""

_OF_PROJECTS: Final = word_set("project projects repo repository code src test tests paper thesis")
"""Words of folders that are called after more than a run."""

_HOMES: Final = word_set("home Users users")
_NUMBERED: Final = re.compile(
    r"(?:seed|s|version|v|epoch|fold|trial|run|rng|checkpoints?|ckpts?|weights|models?|best|last)?"
    r"[-_=]?\d*",
    re.IGNORECASE,
)
"""Folders of one of several runs, or of its files: what is above them is called after all."""


def names_on(path: str) -> list[str]:
    """Return the names of a file and of its folders that name another activation, as "the name
    'tanh_w20.pt'": the folders that a relative path was typed with, those inside a folder of runs,
    and the one that the file is in; of a link, those of what it leads to as well.
    """
    *folders, name = Path(path).parts or (path,)
    typed = [] if Path(path).is_absolute() else folders
    around = list(_around(path)) if path else []
    names = dict.fromkeys([*(one for one in around if one not in typed), *typed])
    found = [f"the folder {one!r}" for one in names if names_other("file", one)]
    files = dict.fromkeys([name, os.path.basename(_target(path))] if path else [name])
    return [*found, *(f"the name {one!r}" for one in files if names_other("file", one))]


def _target(path: str) -> str:
    """Return where a file lies, links followed; the path if that is not known."""
    try:
        return os.path.realpath(path)
    except OSError:  # the working folder is gone
        return path


def _around(path: str) -> Iterator[str]:
    """Yield the folders of a file, and of what a link leads to, that are called after a run."""
    for place in dict.fromkeys([_absolute(path), _target(path)]):
        folders = list(Path(place).parent.parts)
        yield from _inside_runs(folders)
        yield from _called_after(folders)


def _absolute(path: str) -> str:
    try:
        return os.path.abspath(path)
    except OSError:  # the working folder is gone
        return path


def _inside_runs(folders: list[str]) -> list[str]:
    """Return the folders inside the first folder of runs, wherever it was typed."""
    places = [k for k, one in enumerate(folders) if one.lower() in _OF_RUNS]
    return folders[places[0] + 1 :] if places else []


def _called_after(folders: list[str]) -> list[str]:
    """Return the folder that a file is in, or that is above those of seeds, but for projects and
    homes.
    """
    while folders and _NUMBERED.fullmatch(folders[-1]):
        folders = folders[:-1]
    *above, last = folders or ["/"]
    is_home = bool(above) and above[-1] in _HOMES
    return [] if is_home or not _OF_PROJECTS.isdisjoint(spelled(last)) else [last]
