"""What objects hold, in an order that is the same in every process."""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from types import MemberDescriptorType
from typing import Any, Final

_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


def in_order(values: Iterable[Any]) -> list[Any]:
    """Return keys or members in an order that is the same in every process: addresses, which are
    not, say nothing.
    """
    return sorted(values, key=lambda one: _ADDRESS.sub("", repr(one)))


def attributes(value: Any, is_own: Callable[[type], bool]) -> list[str]:
    """Return the names of the fields of a record, and of all that an object of a class of the
    user's holds, in slots too.
    """
    kind = type(value)
    names = [field.name for field in fields(kind)] if is_dataclass(kind) else []
    if not is_own(kind):
        return names
    held = set(getattr(value, "__dict__", ()))
    for base in filter(is_own, kind.__mro__):
        held |= {name for name, one in vars(base).items() if isinstance(one, MemberDescriptorType)}
    return names + sorted(held.difference(names))
