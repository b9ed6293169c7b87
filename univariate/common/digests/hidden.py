"""What a digest cannot know of a function: the states of generators of random numbers that it
holds, and files, the environment and the command line that it reads.
"""

import ast
import random
import sys
from collections.abc import Iterator
from types import BuiltinFunctionType
from typing import Any, Final

import numpy as np

from univariate.common.digests.own_code import MISSING

_GENERATORS: Final = (
    *(random.Random, np.random.Generator, np.random.RandomState, np.random.BitGenerator),
)

_READING: Final = frozenset(
    word
    for words in (
        "open open_code environ environb getenv getenvb dotenv_values load_dotenv",
        "load loadtxt genfromtxt fromfile memmap loadmat load_network load_file load_npz safe_open",
        "listdir scandir iterdir glob rglob exists is_file getmtime",
    )
    for word in words.split()
)
"""Names of what reads files or the environment, and all that begin as `read_csv` does."""


_ARGUMENTS: Final = ("argv", "orig_argv")
"""Names in `sys` of the command line."""


def generator(value: Any) -> Any:
    """Return the generator that a value is or, as a method, draws from; None where that is none, or
    a global one, as of `random.random`.
    """
    owner = value.__self__ if isinstance(value, BuiltinFunctionType) else value
    torch = sys.modules.get("torch")
    own = getattr(torch, "Generator", None)
    of_torch = isinstance(own, type) and isinstance(owner, own)
    if not of_torch and not isinstance(owner, _GENERATORS):
        return None
    # what `np.random` and `random` draw from is bound to their functions
    known = (
        getattr(random.random, "__self__", None),
        getattr(np.random.rand, "__self__", None),
        getattr(torch, "default_generator", None),
    )
    return None if any(owner is one for one in known) else owner


def is_reading(name: str) -> bool:
    """Whether what has a name reads files or the environment, as far as a name tells."""
    return name in _READING or name.startswith("read_")


def reading(node: ast.AST) -> Iterator[tuple[str, ...]]:
    """Yield the names in a tree of what reads files, the environment or the command line, each
    after those that lead to it, as ("os", "environ"); after "" where these are no names.
    """
    for child in ast.walk(node):
        match child:
            case ast.Name(id=name, ctx=ast.Load()) if is_reading(name):
                yield (name,)
            case ast.Attribute(attr="load", value=ast.Call()):
                pass  # a method of some object
            case ast.Attribute(attr=name, ctx=ast.Load()) if is_reading(name):
                yield _chain(child)
            case ast.Attribute(attr=name, value=ast.Name()) if name in _ARGUMENTS:
                yield _chain(child)
            case ast.Call(
                func=ast.Attribute(attr="parse_args" | "parse_known_args") as asked,
                args=[],
                keywords=[],
            ) if _is_parser(asked.value):
                yield _chain(asked)
            case ast.alias(name=name) if is_reading(name.rpartition(".")[2]):
                yield "", name
            case ast.ImportFrom(module="sys", names=names):
                yield from (("", one.name) for one in names if one.name in _ARGUMENTS)
            case _:
                pass


def _is_parser(owner: ast.expr) -> bool:
    """Whether an object that parses arguments may be one of `argparse`; what is called may make
    anything.
    """
    if not isinstance(owner, ast.Call):
        return True
    return ast.unparse(owner.func).endswith("ArgumentParser")


def is_elsewhere(chain: tuple[str, ...], first: Any) -> bool:
    """Whether names that end as those of the command line lead to something else; `first` is what
    the first stands for, `MISSING` where that is imported in the function.
    """
    of_python = not chain[0] or first is sys or (first is MISSING and chain[0] == "sys")
    return chain[-1] in _ARGUMENTS and not of_python


def _chain(node: ast.expr) -> tuple[str, ...]:
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    root = node.id if isinstance(node, ast.Name) else ""
    return root, *reversed(attributes)
