"""What the rows of a table must say before a command goes on with them."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from univariate.common.files import PathLike


def require_version(path: PathLike, found: Iterable[str], now: str) -> None:
    """Raise ValueError if rows of a file were made by another version of this library than the one
    that runs; "" is that of rows of before it was kept.
    """
    others = [version for version in found if version not in {now, ""}]
    if others:
        raise ValueError(
            f"`path` must hold rows of this version, {now}, got {others[0]} in {str(path)!r};"
            " choose another file"
        )


def require_law(path: PathLike, found: Iterable[tuple[str, str]], schema: str, law: str) -> None:
    """Raise ValueError if rows of a file, by schema and law, have another schema, or are about
    another law of x or truth.
    """
    for had in found:
        if had != (schema, law):
            raise ValueError(
                f"{str(path)!r} holds rows of {had[0]}, x {had[1]}; expected {schema}, x {law};"
                " choose another file, or the same density and truth"
            )


def require_kept(
    path: PathLike, made: Iterable[object], kept: Iterable[object], key: Sequence[str]
) -> None:
    """Raise ValueError if rows that a command made or found, told apart by a key, are in a file no
    longer: another command has begun it anew.
    """
    read = attrgetter(*key)
    gone = len(set(map(read, made)).difference(map(read, kept)))
    if gone:
        raise ValueError(
            f"`path` must keep the rows of a command to its end, got {gone} fewer in {str(path)!r},"
            " which another command has begun anew; the same command makes them again"
        )
