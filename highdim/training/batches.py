"""Mini-batches: a fresh permutation of the data every epoch, cut into pieces of one size but for
the last.
"""

import json

import numpy as np

from highdim.training.spaces import Arrays
from univariate.common.arrays import Indices


class Batches:
    """An endless sequence of batches that can be stored and taken up in the middle of an epoch."""

    def __init__(self, size: int, batch: int, rng: np.random.Generator) -> None:
        self._size = size
        self._batch = batch
        self._rng = rng
        self._order = np.arange(size)
        self._place = size

    def __next__(self) -> Indices:
        """Return the indices of the next batch."""
        if self._place >= self._size:
            self._order = self._rng.permutation(self._size)
            self._place = 0
        start = self._place
        self._place = self._place + self._batch
        return self._order[start : self._place]

    def arrays(self) -> Arrays:
        """Return what a checkpoint must hold."""
        state = json.dumps(self._rng.bit_generator.state, default=np.ndarray.tolist)
        return {"order": self._order.copy(), "place": np.array(self._place), "rng": np.array(state)}

    @classmethod
    def from_arrays(cls, batch: int, arrays: Arrays) -> "Batches":
        """Return the sequence that `arrays` of another one describes."""
        state = json.loads(str(arrays["rng"]))
        generator = getattr(np.random, state["bit_generator"])()
        generator.state = state
        found = cls(len(arrays["order"]), batch, np.random.Generator(generator))
        found._order, found._place = arrays["order"].copy(), int(arrays["place"])
        return found
