"""What stands beside a network in a checkpoint: of training, or perhaps of the network.

Arrays of floats must have names of training, as of optimisers and histories of losses, or lie among
settings. Whole numbers, single ones and settings may be anything, unless their names are those of a
scaling, as x_mean and x_std. What is no number may be anything; texts that hold settings are those.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


_TRAINING: Final = word_set(
    "optim optimizer optimizers optimiser optimisers sched scheduler schedulers schedule lr lrs"
    " grad gradient gradients epoch epochs step steps iter iters iteration iterations loss losses"
    " acc accs accuracy accuracies err errs error errors metric metrics history logs logger rng"
    " seed seeds callbacks loops momentum patience elapsed adam adamw sgd rmsprop adagrad"
)
_SETTINGS: Final = word_set(
    "args cfg config configs hparams hyper hyperparameters settings options opt opts"
)
_BEFORE: Final = word_set("init inits initial initialization initialisation")
"""Names of settings of weights before training."""

_SCALING: Final = word_set(
    "mean means mu std stds stdev sd sigma var vars variance variances scale scales scaling scaler"
    " shift shifts offset offsets center centre normalizer normaliser normalization normalisation"
    " standardizer standardiser whitening divisor divide divider subtract subtrahend multiplier"
)
_LIMITS: Final = word_set(
    "min max minimum maximum lo hi low high lower upper avg average dev norm range loc"
)
"""Names of a scaling as well, where nothing but data is named beside them."""

_DATA: Final = word_set(
    "x y xs ys in out input inputs output outputs data dataset feat feats feature features target"
    " targets"
)
_SETS: Final = word_set("train training test val valid validation all sample samples")
_MARKED: Final = word_set("mean means stds stdev sigma variance scale scales shift offset std")
"""Words of a scaling whatever is written before them."""

_STATES: Final = (
    (word_set("param_groups"), word_set("param_groups state")),  # of optimisers of PyTorch
    (word_set("count mu nu"), word_set("count mu nu")),  # of Adam in Optax
    # of torch.amp.GradScaler
    (
        word_set("growth_factor"),
        word_set("scale growth_factor backoff_factor growth_interval _growth_tracker"),
    ),
)
"""Names that tell what scales no inputs, and those that are then of training."""

_DEEPEST: Final = 8  # levels
_SETTING: Final = re.compile(
    r"(?:\b([A-Za-z_]\w*)[\"']?\s*[:=]|--([A-Za-z][\w-]*)[ =])\s*[\[(\"']*([^\s,;()\[\]{}\"']+)"
)
"""One of the settings in a text: a name, or an option of a command line, and its value."""

_PYTHON: Final = {"True": "true", "False": "false"}


class _Place(NamedTuple):
    """What the names on the way to an entry say of it."""

    path: str = ""
    settings: bool = False
    scaling: bool = False

    def below(self, name: Any) -> "_Place":
        """Return the place of an entry of this name."""
        words = _words(name)
        rest = words - _LIMITS
        limit = rest != words and rest <= _DATA
        return _Place(
            f"{self.path}.{name}".removeprefix("."),
            self.settings or not words.isdisjoint(_SETTINGS),
            self.scaling or limit or not words.isdisjoint(_SCALING),
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
    name = _first_other(value, _Place(), {id(one) for one in networks}, _DEEPEST)
    if name is not None:
        raise ValueError(
            f"`model` holds numbers {name!r} beside the network, which may belong to it, as those"
            " of a scaling do; put a scaling into the network as an nn.Linear of its own, and save"
            " its state_dict alone"
        )


def _first_other(value: Any, place: _Place, networks: set[int], levels: int) -> str | None:
    """Return the name of the first numbers that may belong to a network; None if there are none."""
    if id(value) in networks:
        return None
    value = opened(value)
    if not levels and isinstance(value, Mapping | list | tuple):
        return place.path  # nobody looks deeper
    if isinstance(value, Mapping):
        passed = _TRAINING | _BEFORE if place.settings else _TRAINING
        known = _of_optimiser(value) if place.path else frozenset()
        parts = [
            (place.below(name), entry)
            for name, entry in value.items()
            if name not in known and _words(name).isdisjoint(passed)
        ]
    elif isinstance(value, list | tuple) and not _are_numbers(value):
        parts = [(place, entry) for entry in value]
    else:
        return place.path if _may_belong(value, place) else None
    found = (_first_other(entry, below, networks, levels - 1) for below, entry in parts)
    return next((name for name in found if name is not None), None)


def _may_belong(value: Any, place: _Place) -> bool:
    """Whether numbers in such a place may be of what a network computes."""
    kind = _kind(value)
    shape = (len(value),) if isinstance(value, list | tuple) else getattr(value, "shape", ())
    if not kind or 0 in shape:
        return False
    is_array = kind == "float" and len(shape) > 0
    return place.scaling or (is_array and not place.settings)


def _kind(value: Any) -> str:
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


def _of_optimiser(value: Mapping[Any, Any]) -> frozenset[str]:
    """Return the names that are of training in a mapping that is the state of an optimiser, or of
    what scales gradients; none in others.
    """
    return next((names for told, names in _STATES if told <= value.keys()), frozenset())


def opened(value: Any) -> Any:
    """Return the settings or numbers that a text holds, as JSON, name: value, name=value or
    --name value; any other text, and what is no text, as it is.
    """
    if not isinstance(value, str):
        return value
    try:
        found = json.loads(_PYTHON.get(value, value))
    except (ValueError, RecursionError):
        found = [{name or option: said} for name, option, said in _SETTING.findall(value)]
    return value if isinstance(found, str) or found == [] else found


def spelled(name: Any) -> list[str]:
    """Return the words of a name in snake_case, camelCase or with points."""
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", str(name))
    return [word.lower() for word in found]


def is_before_training(words: Iterable[str]) -> bool:
    """Whether words of a name are those of settings of first weights."""
    return not _BEFORE.isdisjoint(words)


def _words(name: Any) -> set[str]:
    """Return the words of a name; two for xmean."""
    return {word for one in spelled(name) for word in _apart(one)}


def _apart(word: str) -> tuple[str, ...]:
    """Return the two words of a compound that names a scaling, in order; else the word alone."""
    if word in _TRAINING | _SETTINGS | _SCALING | _LIMITS | _DATA:
        return (word,)
    pairs = [(word[:k], word[k:]) for k in range(1, len(word))]
    for pair in (*pairs, *(pair[::-1] for pair in pairs)):
        rest, known = pair
        if known in _LIMITS and rest in _DATA:
            return pair
        if known in _SCALING and rest in _DATA | _SETS:
            return pair
    marked = [(rest, known) for rest, known in pairs if known in _MARKED]
    return marked[0] if marked else (word,)
