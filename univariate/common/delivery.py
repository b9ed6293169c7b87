"""Where results of a command go: which files are written, and whether they may be; figures."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from univariate.common.changes import in_vain
from univariate.common.console import complain, remark
from univariate.common.files import require_ending, write_bytes
from univariate.common.options import FigureFormat
from univariate.common.outputs import (
    STANDARD_OUTPUT,
    make_folder,
    remove,
    require_free,
    require_other,
    require_places,
    require_writable,
)
from univariate.common.special_files import is_special
from univariate.common.tables.ownership import holds, is_ours, marked, shows
from univariate.common.turns import alone_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_OPTIONAL: Final = (*(f".{kind.value}" for kind in FigureFormat), ".gif", ".json")
_REPLACED: Final = "is of what is replaced"
_MARKED: Final = {"png": "Comment", "pdf": "Keywords", "svg": "Keywords"}
_UNDATED: Final[dict[str, dict[str, Any]]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}


@dataclass(frozen=True)
class Delivery:
    """Where the results of a command go, as its options say.

    Attributes
    ----------
    folder : Path
    json : Path or None
        Where the JSON goes instead of the folder; `STANDARD_OUTPUT` stands for that.
    figure : bool
    kind : str
        Format of figures.
    overwrite : bool
        Whether files that exist may be replaced.
    """

    folder: Path
    json: Path | None = None
    figure: bool = True
    kind: str = "png"
    overwrite: bool = False

    def figure_path(self, name: str) -> Path:
        """Return where a figure goes."""
        return self.folder / f"{name}.{self.kind}"

    def pictures(self, name: str) -> list[Path]:
        """Return the figure of this name that is drawn, and those of earlier runs in any format."""
        now = [self.figure_path(name)] if self.figure else []
        found = [self.folder / f"{name}.{kind.value}" for kind in FigureFormat]
        return [*now, *(one for one in found if one not in now and is_ours(one))]

    def json_path(self, name: str) -> Path:
        """Return where the JSON goes."""
        return self.folder / f"{name}.json" if self.json is None else self.json

    def products(self, name: str, *others: str) -> list[Path]:
        """Return the files of a report and of others in the folder that are written, and those that
        an earlier run left there, whatever the options are: they would be taken for this one's.

        Where no file of the command's own names is written into the folder, as with a JSON
        elsewhere and no figure, none there is meant: whoever names the only file may keep others
        beside it. Files that no command wrote are none of them, see `is_ours`.
        """
        given = [] if self.json in (None, STANDARD_OUTPUT) else [self.json_path(name)]
        if not (others or self.figure or self.json is None):
            return given
        own = self.folder / f"{name}.json"
        if self.json is None or (is_ours(own) and own.resolve() != self.json.resolve()):
            given.append(own)
        return [*given, *(self.folder / other for other in others), *self.pictures(name)]

    def again(self, products: Iterable[Path]) -> "Delivery":
        """Return the delivery of a run that goes on: these files are made again from it.

        Raises FileExistsError if one of them is a file that no command wrote.
        """
        for path in () if self.overwrite else products:
            found = path.exists() and not (is_special(path) or path.is_dir())
            if path != STANDARD_OUTPUT and found and not is_ours(path):
                option = "json" if path == self.json else "out"
                raise FileExistsError(
                    f"`{option}` must lead to new files or those of an earlier run where one goes"
                    f" on, got {str(path)!r}, which holds something else; move that away, or choose"
                    " another name or folder"
                )
        return replace(self, overwrite=True)

    def begun(self, path: Path, made: Sequence[Path]) -> "Delivery":
        """Prepare for a table of rows and what is made of them, and return what delivers both: rows
        that are there already stay, and what is made of them is made again.
        """
        if self.overwrite or not path.exists():
            self.prepare([path, *made])
            self.clear([path, *made])
            return self
        where = self.again(made)
        where.prepare(made)
        return where

    def prepare(
        self,
        products: Sequence[Path],
        given: Mapping[str, Path | None] | None = None,
        *,
        read: Mapping[str, Path | None] | None = None,
        remedy: str = "",
    ) -> None:
        """Refuse what could not be written, or would replace a finished file or one that is `read`;
        make the folder, first of all: files that options name may lie in it.

        `products` are files of the command's own names, `given` those that options name.
        """
        named = {**(given or {}), "json": self.json}
        files = [path for path in named.values() if path is not None and path != STANDARD_OUTPUT]
        inside = [path for path in products if path is not self.json]
        own = {path.resolve() for path in inside}
        self.make_folder(named)
        require_places(named)
        for option, path in named.items():
            if path is not None and path.resolve() in own:
                raise ValueError(
                    f"`{option}` must be another file than those of the report, got"
                    f" {str(path)!r}; rename it"
                )
        for name, path in [*named.items(), *((path.name, path) for path in inside)]:
            require_other(name, path, read or {})
        if self.json in files:
            require_ending("json", self.json, ".json")
        require_free([*inside, *files], overwrite=self.overwrite, remedy=remedy)
        for path in inside:
            if not is_special(path):
                require_writable("out", self.folder, "another folder", path.resolve().parent)

    def make_folder(self, named: Mapping[str, Path | None]) -> None:
        """Make the folder, unless a file that an option has `named` would have its name."""
        folder = self.folder.resolve()
        for option, path in named.items():
            if path is None or path == STANDARD_OUTPUT or path.exists():
                continue
            if path.resolve() in (folder, *folder.parents):
                raise ValueError(
                    f"`{option}` must be a file, got {str(path)!r}, which is the folder of `out` or"
                    " holds it; rename one of them"
                )
        make_folder("out", self.folder)

    @contextmanager
    def turn(self, name: str, *others: str, named: Iterable[Path | None] = ()) -> Iterator[None]:
        """Write the files of a report, those of `others` in the folder and those that options have
        `named`, while no other command writes beside them.

        Raises FileExistsError if one of them has come since `prepare`.
        """
        asked = [path for path in (*named, self.json) if path is not None]
        given = [path for path in asked if path != STANDARD_OUTPUT]
        # a command that began beside this one may have made it, and taken it away
        make_folder("out", self.folder)
        with alone_in([self.folder, *(path.parent for path in given)]):
            require_free(
                sorted({*self.products(name, *others), *given}),
                overwrite=self.overwrite,
                remedy="another command wrote that while this one ran, which has written nothing; ",
            )
            yield

    def clear(self, products: Sequence[Path], film: Path | None = None) -> None:
        """Remove what an earlier run left, just before new files are written; pictures and JSON
        that are not made anew, as a figure of the format asked for and a `film` are, cost a line.
        """
        if not self.overwrite:
            return
        for path in products:
            # all others are written by every run
            if path.suffix in _OPTIONAL and path.exists() and not is_special(path):
                self._say_removed(path, _REPLACED, film)
        remove(path for path in products if path != STANDARD_OUTPUT)

    def drop_stale(
        self, paths: Iterable[Path], digest: str, source: Path, film: Path | None = None
    ) -> None:
        """Remove pictures that commands made and that do not show what `source` holds, by its
        digest, and say which; those that do stay, whatever their format.
        """
        for path in paths:
            if is_ours(path) and not shows(path, digest):
                remove([path])
                self._say_removed(path, f"does not show what {source} holds now", film)

    def drop_stale_json(self, name: str, content: Mapping[str, Any], source: Path) -> None:
        """Remove a JSON of this name that says something else than what `source` holds, where the
        JSON goes elsewhere, and say so.
        """
        own = self.folder / f"{name}.json"
        elsewhere = self.json is not None and self.json.resolve() != own.resolve()
        if elsewhere and is_ours(own) and not holds(own, content):
            remove([own])
            self._say_removed(own, f"does not show what {source} holds now", None)

    def _say_removed(self, path: Path, why: str, film: Path | None) -> None:
        if path.suffix == ".json":
            made_anew = path.resolve() == (self.json or path).resolve()
        else:
            made_anew = path == film or (self.figure and path.suffix == f".{self.kind}")
        if not made_anew:
            remark(f"removed {path}, which {why}")


def drop_replaced(path: Path) -> None:
    """Remove a file of an earlier run that was to be replaced, and for which there is no new one,
    and say so.
    """
    if path.exists() and not is_special(path):
        remove([path])
        remark(f"removed {path}, which {_REPLACED}")


def save_figure(figure: "Figure", path: Path, dpi: float | None = None) -> Path:
    """Write a figure in the format that the ending names, without a date; an old file is replaced
    only by a complete one.
    """
    content = _image(figure, path.suffix, dpi)
    return write_bytes(path, content)


def drawn(
    draw: Callable[[], "Figure"], path: Path, dpi: float | None = None, *, digest: str = ""
) -> list[Path]:
    """Draw and write a figure in this package's own style, whatever the user's matplotlib is set
    to; one that cannot be drawn costs a line on stderr, and the list is empty. It keeps the digest
    of what it shows.
    """
    # values beyond doubles, missing fonts, broken settings, and whatever matplotlib raises
    try:
        from univariate.common.figure_style import own_style

        with own_style():
            content = _image(draw(), path.suffix, dpi, digest)
    except Exception as error:
        complain(f"no figure: {' '.join(str(error).split())}{in_vain(path)}")
        return []
    return [write_bytes(path, content)]


def _image(figure: "Figure", ending: str, dpi: float | None, digest: str = "") -> bytes:
    kind = ending.removeprefix(".").lower() or "png"
    resolution = figure.dpi if dpi is None else dpi
    found = io.BytesIO()
    # a mark by which a figure is known again, and no date
    mark = {_MARKED[kind]: marked(digest)} if kind in _MARKED else {}
    figure.savefig(found, format=kind, dpi=resolution, metadata={**mark, **_UNDATED.get(kind, {})})
    return found.getvalue()
