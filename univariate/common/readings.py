"""What commands say of files that they read: a line on the screen, the same and its parts in the
JSON, and on stderr what functions would warn of.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from univariate.common.console import complain, inform
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.nets.program import IN_PAIRS
from univariate.common.reading.networks import RawNetwork
from univariate.common.reading.taken import RawSample
from univariate.common.torch_layers import layers_in_words


class HasLayers(Protocol):
    """A network of either package."""

    @property
    def layers(self) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
        """Weights and biases, first layer first."""


@dataclass(frozen=True)
class Reading:
    """What was read of one file."""

    role: str
    """What the file is to the command: net, data, truth."""
    words: str = ""
    """The line on the screen; empty if there is nothing to say."""
    parts: dict[str, Any] = field(default_factory=dict)
    """What the line says, by names."""
    complaint: str = ""
    """What may say that the network is another function; empty if nothing does."""


def reading_of_net(raw: RawNetwork, neurons: int, role: str = "net") -> Reading:
    """Return what was read of the file of a net, see `layers_in_words`."""
    words = layers_in_words(raw, neurons)
    shown = f"{role.capitalize()}: {words}" if words and role != "net" else words
    parts: dict[str, Any] = {}
    if words:
        parts = {
            "layers": [
                {"name": name, "outputs": len(weight), "inputs": weight.shape[1]}
                for name, (weight, _) in raw.layers.items()
            ],
            "between": "ReLU",
            "assumed": not raw.told,
            "passed_over": list(raw.beside),
        }
    if raw.doubts:
        parts["doubts"] = list(raw.doubts)
    if raw.unasked:
        parts["not_taken_into_account"] = list(raw.unasked)
    return Reading(role, shown, parts, raw.complaint())


def as_trained(reading: Reading, start: HasLayers, layers: NamedLayers) -> Reading:
    """Return what was read of a net with what its training does that one of the `layers` of the
    file would not: biases that it lacks are trained, too, from 0, an output bias as a neuron or, of
    0, not at all, and each of the two neurons of a leaky ReLU alone, in layers whose names say that
    they are pairs.
    """
    hidden = start.layers[:-1]
    said = ["biases start at 0 and are trained, too"]
    if any(bias.any() for _, bias in hidden):
        said = []
    *_, last = [None, *(bias for _, bias in layers.values())]
    if last is not None:
        as_neuron = "trains as that neuron does" if np.any(last) else "is 0, left out, not trained"
        said.append(f"the output bias {as_neuron}")
    pairs = sum(
        _opposite(weight, bias)
        for name, (weight, bias) in zip(layers, hidden, strict=False)
        if name.endswith(IN_PAIRS)
    )
    if pairs:
        which = "a pair" if pairs == 1 else f"each of {pairs} pairs"
        said.append(f"{which} of neurons is one unit of the file, trained each on its own")
    if not said:
        return reading
    before = reading.words or "Net"
    parts = reading.parts | {"training": said}
    return replace(reading, words=f"{before}; {'; '.join(said)}", parts=parts)


def _opposite(weight: NDArray[np.float64], bias: NDArray[np.float64]) -> int:
    """Return how many neurons have another one with the same kink, on its other side."""
    rows = [tuple(row) for row in np.column_stack([weight, bias]).tolist()]
    turned = {tuple(0.0 - entry for entry in row) for row in rows}
    return sum(row in turned for row in rows) // 2


def reading_of_table(raw: RawSample) -> Reading:
    """Return which columns of a table were taken, and whether others may be meant; nothing of
    arrays by name, and where one input has no name.
    """
    taken = raw.taken
    doubt = f"note: {raw.doubt}" if raw.doubt else ""
    if taken is None:
        return Reading("data", complaint=doubt)
    parts: dict[str, Any] = {
        "inputs": list(taken.inputs),
        "label": taken.label,
        "passed_over": list(taken.others),
        "reordered": taken.is_reordered,
    }
    if raw.doubt:
        parts["doubts"] = [raw.doubt]
    return Reading("data", taken.in_words(), parts, doubt)


def document_of(readings: Iterable[Reading]) -> dict[str, Any]:
    """Return what was read as an entry of JSON, by the roles of files; empty if nothing is said."""
    told = {
        one.role: ({"words": one.words} if one.words else {}) | one.parts
        for one in readings
        if one.words or one.parts
    }
    return {"read": told} if told else {}


def say(readings: Iterable[Reading]) -> None:
    """Say on the screen what was read, and on stderr what it may lack, also where tables are not
    shown or silence was asked for: the numbers that follow may be of another function.
    """
    for one in readings:
        inform(one.words)
        if one.complaint:
            complain(one.complaint)
