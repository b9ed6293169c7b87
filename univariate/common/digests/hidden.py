"""What a digest cannot know of a function: the states of generators of random numbers that it
holds, and files and the environment that it reads.
"""

import ast
import random
import sys
from collections.abc import Iterator
from types import BuiltinFunctionType
from typing import Any, Final

import numpy as np

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
    """Yield the names in a tree of what reads files or the environment, each after those that lead
    to it, as ("os", "environ"); after "" where these are no names.
    """
    for child in ast.walk(node):
        match child:
            case ast.Name(id=name, ctx=ast.Load()) if is_reading(name):
                yield (name,)
            case ast.Attribute(attr="load", value=ast.Call()):
                pass  # a method of some object
            case ast.Attribute(attr=name, ctx=ast.Load()) if is_reading(name):
                yield _chain(child)
            case ast.alias(name=name) if is_reading(name.rpartition(".")[2]):
                yield "", name
            case _:
                pass


def _chain(node: ast.expr) -> tuple[str, ...]:
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    root = node.id if isinstance(node, ast.Name) else ""
    return root, *reversed(attributes)
