"""What stands beside a network in a checkpoint: of training, or perhaps of the network.

Arrays of floats must have names of training, as of optimisers and histories of losses, or lie among
settings. Whole numbers, single ones and settings may be anything, unless their names are those of a
scaling, as x_mean and x_std, and they change something: 0 and a scale of 1 do not. What is no
number may be anything; texts that hold settings are those.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from univariate.common.nets.names import (
    DATA,
    LABELLED,
    LIMITS,
    MEASURED,
    OFFSETS,
    SCALING,
    SETS,
    SETTINGS,
    TRAINING,
    is_before_training,
    word_set,
    words_of,
)
from univariate.common.nets.neutral import is_neutral_number
from univariate.common.nets.settings import is_object, opened, told

_STATES: Final = (
    (word_set("param_groups"), word_set("param_groups state")),  # of optimisers of PyTorch
    (word_set("count mu"), word_set("count mu nu")),  # of Adam and Lion in Optax
    # of torch.amp.GradScaler
    (
        word_set("growth_factor"),
        word_set("scale growth_factor backoff_factor growth_interval _growth_tracker"),
    ),
)
"""Names that tell what scales no inputs, and those that are then of training."""

_LABELS: Final = word_set("label labels")
_SCORES: Final = word_set("logit logits score scores head")
_SHORT_OFFSETS: Final = tuple(map(word_set, ("b out", "b output")))

_DEEPEST: Final = 8  # levels


class _Place(NamedTuple):
    """What the names on the way to an entry say of it."""

    path: str = ""
    settings: bool = False
    """Or of what is measured: of any array but those of a scaling."""

    sample: bool = False
    """Of a training set, say, and nothing else."""

    scaling: bool = False
    offset: bool = False
    """Of outputs, if it is no setting."""

    def below(self, name: Any) -> "_Place":
        """Return the place of an entry of this name."""
        words = words_of(name)
        rest = words - LIMITS
        limit = rest != words and rest <= DATA
        limit = limit or ("mult" in words and not words.isdisjoint(DATA))
        offset = not words.isdisjoint(OFFSETS) and words <= OFFSETS | DATA | _SCORES
        offset = offset or words in _SHORT_OFFSETS
        return _Place(
            f"{self.path}.{name}".removeprefix("."),
            self.settings or not words.isdisjoint(SETTINGS | MEASURED),
            (self.sample or not words.isdisjoint(SETS | LABELLED))
            and words <= SETS | LABELLED | DATA | _LABELS,
            self.scaling or limit or not words.isdisjoint(SCALING),
            offset,
        )


def require_of_training(value: Any, networks: Iterable[Any]) -> None:
    """Refuse numbers beside networks that may belong to them.

    Parameters
    ----------
    value : mapping, list or anything
        A checkpoint.
    networks : iterable
        The parts of it that are read as networks.

    Raises
    ------
    ValueError
        An array of floats that is not of training, or a number called as one of a scaling.
    """
    name = _first_other(value, _Place(), {id(one) for one in networks}, {}, _DEEPEST)
    if name is not None:
        raise ValueError(
            f"`model` holds numbers {name!r} beside the network, which may belong to it, as those"
            " of a scaling do; if they do not, save the state_dict of the network alone, else put"
            " the scaling into the module, as an nn.Linear of its own, and convert the module by"
            " from_torch"
        )


def first_of_scaling(value: Any) -> str | None:
    """Return the name of the first numbers that `require_of_training` refuses in what has no
    network; None if there are none.
    """
    return _first_other(value, _Place(), set(), {}, _DEEPEST)


def _first_other(
    value: Any,
    place: _Place,
    networks: set[int],
    seen: dict[Any, tuple[int, Any]],
    levels: int,
) -> str | None:
    """Return the name of the first numbers that may belong to a network; None if there are none.

    `seen` has what was looked at in such a place, and how many levels deep.
    """
    if id(value) in networks:
        return None
    if not isinstance(value, str | int | float | None):
        # objects lead to one another in rings
        mark = id(value), *place[1:], None if is_object(value) else levels
        if seen.get(mark, (-1,))[0] >= levels:
            return None
        seen[mark] = levels, value  # kept, or another could come to lie there
    value = opened(told(value))
    if not levels and isinstance(value, Mapping | list | tuple):
        return place.path  # nobody looks deeper
    if isinstance(value, Mapping):
        states = names_of_state(value) if place.path else frozenset()
        parts = [
            (place.below(name), entry)
            for name, entry in value.items()
            if name not in states and not _is_passed(words_of(name), entry, place)
        ]
    elif isinstance(value, list | tuple) and not _are_numbers(value):
        parts = [(place, entry) for entry in value]
    else:
        return place.path if _may_belong(value, place) else None
    found = (_first_other(entry, below, networks, seen, levels - 1) for below, entry in parts)
    return next((name for name in found if name is not None), None)


def _is_passed(words: set[str], value: Any, place: _Place) -> bool:
    """Whether an entry is of training, a setting of first weights, or a number that does nothing,
    as a scale of 1.
    """
    if is_neutral_number(words, opened(told(value))):
        return True
    return not words.isdisjoint(TRAINING) or (place.settings and is_before_training(words))


def _may_belong(value: Any, place: _Place) -> bool:
    """Whether numbers in such a place may be of what a network computes."""
    kind = number_kind(value)
    shape = (len(value),) if isinstance(value, list | tuple) else getattr(value, "shape", ())
    if not kind or 0 in shape:
        return False
    is_number = kind == "float" and (len(shape) > 0 or place.offset)
    return place.scaling or (is_number and not (place.settings or place.sample))


def number_kind(value: Any) -> str:
    """Return "float" or "int" of numbers, "" of anything else."""
    if isinstance(value, list | tuple):
        return "float" if any(isinstance(entry, float) for entry in value) else "int"
    if isinstance(value, bool):
        return ""
    name = str(getattr(value, "dtype", type(value).__name__))
    if "float" in name or "complex" in name:
        return "float"
    return "int" if "int" in name else ""


def _are_numbers(value: list[Any] | tuple[Any, ...]) -> bool:
    return all(isinstance(entry, int | float) for entry in value)


def names_of_state(value: Mapping[Any, Any]) -> frozenset[str]:
    """Return the names that are of training in a mapping that is the state of an optimiser, or of
    what scales gradients; none in others.
    """
    return next((names for told, names in _STATES if told <= value.keys()), frozenset())
