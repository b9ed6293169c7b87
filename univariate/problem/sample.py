"""Samples (x_i, y_i) with x increasing and labels ±1."""

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from univariate.common import check
from univariate.common.arrays import Indices, Mask, Vector
from univariate.common.files import PathLike, require_ending, save_arrays
from univariate.common.fingerprint import fingerprint
from univariate.common.labels import LabelMap, require_signs, signs
from univariate.common.reading.columns import Columns, require_columns
from univariate.common.reading.samples import read_sample
from univariate.common.reading.taken import RawSample
from univariate.common.result import Result, result
from univariate.common.row_names import require_same_rows
from univariate.common.sample_table import is_csv, write_table
from univariate.problem.asked import require_asked, require_asked_at
from univariate.problem.density import UNIFORM, Density, DensityLike, require_inside
from univariate.problem.population import Population
from univariate.problem.truth import ALWAYS, Truth, TruthLike

_SCHEMA = "univariate.Sample/1"


@result
class Sample(Result):
    """A labelled sample on the line.

    Parameters
    ----------
    x : array_like, shape (m,)
        Inputs, strictly increasing, finite, |x| ≤ 2^500. Use `Sample.from_arrays` for unsorted
        data.
    y : array_like, shape (m,)
        Labels +1 or −1.
    merged : int
        How many repeated observations `from_arrays` merged.
    density : distribution, optional
        The law of x, see `Density`; uniform on [0, 1] unless given. Whatever depends on it and is
        not told otherwise takes it from here. Inputs outside its support are refused; not those
        outside [0, 1] of the uniform law, given or left out, as errors are counted on [0, 1] alone.
    truth : truth, optional
        What labels are without noise, see `Truth.of`; f* ≡ +1 unless given. Taken from here like
        the density.
    """

    x: Vector
    y: Vector
    merged: int = 0
    density: Density = UNIFORM
    truth: Truth = ALWAYS

    def __post_init__(self) -> None:
        object.__setattr__(self, "merged", check.count("merged", self.merged, least=0))
        object.__setattr__(self, "density", Density.of(self.density))
        object.__setattr__(self, "truth", Truth.of(self.truth))
        require_same_rows(x=self.x, y=self.y)
        for name in ("x", "y"):
            object.__setattr__(self, name, check.vector(name, getattr(self, name)))
        check.same_length(x=self.x, y=self.y)
        require_signs("y", self.y)
        steps = np.flatnonzero(self.x[1:] <= self.x[:-1])
        if steps.size:
            i = int(steps[0])
            raise ValueError(
                f"`x` must be strictly increasing, got x[{i}] = {self.x[i]} before x[{i + 1}] ="
                f" {self.x[i + 1]}; use Sample.from_arrays to sort"
            )
        if np.abs(self.x).max() > 2.0**500:
            raise ValueError(
                f"`x` must satisfy |x| <= 2**500, got {np.abs(self.x).max()}; rescale the inputs"
            )
        if not self.density.is_uniform:
            require_inside(self.x, self.density)
        require_asked(self.truth, self.density)
        require_asked_at(self.truth, self.x)

    @classmethod
    def from_arrays(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        *,
        density: DensityLike | None = None,
        truth: TruthLike | None = None,
        label_map: LabelMap | None = None,
    ) -> "Sample":
        """Sort, validate, and merge repeated observations (their number is kept in `merged`).

        Parameters
        ----------
        x, y : array_like, shape (m,) or (m, 1)
            Inputs and labels: sequences, arrays, tensors, columns of tables.
        density : distribution, optional
            The law of x, see `Density`; uniform on [0, 1] if left out.
        truth : truth, optional
            See `Truth.of`; f* ≡ +1 if left out.
        label_map : mapping, optional
            Label → +1 or −1, as {0: -1, 1: 1} or {"cat": 1, "dog": -1}, where labels are not ±1.

        Raises
        ------
        ValueError
            An input occurs with both labels (no net interpolates that; the message names the
            indices), labels other than ±1, shapes that do not match, or columns of pandas whose
            rows are in different orders.

        Warns
        -----
        UserWarning
            Columns of pandas whose rows have other names: they are joined by place.
        """
        require_same_rows(x=x, y=y)
        inputs = check.column("x", x)
        labels = signs("y", y, label_map)
        check.same_length(x=inputs, y=labels)
        order = np.argsort(inputs, kind="stable")
        inputs, labels = inputs[order], labels[order]
        repeated = inputs[1:] == inputs[:-1]
        clash = np.flatnonzero(repeated & (labels[1:] != labels[:-1]))
        if clash.size:
            i, j = sorted((int(order[clash[0]]), int(order[clash[0] + 1])))
            raise ValueError(
                f"`x` must not repeat with different labels, got x[{i}] = x[{j}] ="
                f" {float(inputs[clash[0]])!r} with labels of both signs ({clash.size} such); no"
                " network interpolates this, remove one of each pair"
            )
        keep = np.concatenate([[True], ~repeated])
        law = Density.of(density)
        return cls(inputs[keep], labels[keep], int(repeated.sum()), law, Truth.of(truth))

    def law(self, density: DensityLike | None = None) -> Density:
        """Return the law of x that is meant: the one given, or else the sample's own."""
        return self.density if density is None else Density.of(density)

    def population(
        self, density: DensityLike | None = None, truth: TruthLike | None = None
    ) -> Population:
        """Return the law of x and the truth that are meant: given, or else the sample's own."""
        return Population(self.law(density), self.truth if truth is None else Truth.of(truth))

    def noise(self, truth: TruthLike | None = None) -> Mask:
        """Return which labels are not those of the truth (the sample's own unless given), (m,)."""
        meant = self.truth if truth is None else Truth.of(truth)
        require_asked_at(meant, self.x)
        return np.asarray(self.y != meant(self.x))

    @cached_property
    def fingerprint(self) -> str:
        """What results about these observations are recognised by. Cost a pass over x."""
        return fingerprint(self.x, np.packbits(self.y > 0.0).astype(np.float64))

    @property
    def size(self) -> int:
        """Number of distinct observations m."""
        return len(self.x)

    @property
    def gaps(self) -> Vector:
        """Distances x_{i+1} − x_i, shape (m − 1,)."""
        return np.diff(self.x)

    @property
    def noise_rate(self) -> float:
        """Share of labels that are not those of the truth (for f* ≡ +1: of labels −1), the
        empirical p; of repeated observations, which are merged, one counts.
        """
        return float(np.mean(self.noise()))

    @property
    def sign_changes(self) -> Indices:
        """Indices i with y_i ≠ y_{i+1}."""
        return np.flatnonzero(self.y[1:] != self.y[:-1])

    def save(self, path: PathLike) -> None:
        """Write as .csv (columns x, y; full precision) or as .npz; ValueError for the ending of
        another format.

        Both keep the density (by its name) and the truth (in full), which `load` reads; a .csv in
        a line before the columns that begins with #, if it has to (pandas passes over it by
        comment="#"). Only .npz always keeps the number of `merged` observations.
        """
        require_ending("path", path, ".csv", ".npz")
        known = {} if self.density.is_uniform else {"density": np.array(self.density.name)}
        if not self.truth.is_positive:
            known["truth"] = np.array(self.truth.text)
        merged = {"merged": np.array(self.merged)}
        if is_csv(path):
            note = _SCHEMA, known | merged if known else {}
            write_table(path, ["x"], self.x[:, None], self.y, note)
        else:
            save_arrays(path, _SCHEMA, {"x": self.x, "y": self.y} | merged | known)

    @classmethod
    def load(
        cls,
        path: PathLike,
        *,
        label_map: LabelMap | None = None,
        columns: Columns | None = None,
        density: DensityLike | None = None,
        truth: TruthLike | None = None,
    ) -> "Sample":
        """Read a table (CSV and its kin), or arrays x and y.

        Parameters
        ----------
        path : path
            Of any ending. A table has two columns, of x and of labels, in that order or under
            names that tell which is which (x; y, label, target or class); a column that counts
            rows may come besides. Arrays are those of `save`, of `numpy.savez(path, x=x, y=y)`, or
            of PyTorch, safetensors or JSON by these names, and nothing besides but counts of rows;
            a .npy file has two columns.
        label_map : mapping, optional
            Label → +1 or −1 where labels are not ±1.
        columns : pair of str, optional
            Names of the input and of the label, where a table calls them otherwise or has more
            columns: ("dose", "responder").
        density : distribution, optional
            What x is drawn from, see `Density`; what the file says, or uniform on [0, 1], if not
            given.
        truth : truth, optional
            Labels without noise, see `Truth.of`; what the file says, or +1, if not given.

        Unsorted data are sorted, repeats merged. Exact: numbers are read to the nearest double;
        whole numbers that are none are refused.

        Raises
        ------
        FileNotFoundError
            No such file.
        ValueError
            Not readable, not clear which is x, or not a sample; the message names the line.
        """
        raw = read_raw(path, columns)
        found = sample_of(raw, path, label_map)
        meant = found.population(density, truth)
        return replace(found, density=meant.density, truth=meant.truth)


def read_raw(path: PathLike, columns: Columns | None) -> RawSample:
    """Return the inputs and labels in a file, and which columns they were."""
    names = None if columns is None else require_columns(columns)
    return read_sample(path, schema=_SCHEMA, known=("merged", "density", "truth"), columns=names)


def sample_of(raw: RawSample, path: PathLike, label_map: LabelMap | None) -> Sample:
    """Return the sample in a file that was read, as `Sample.load` does."""
    inputs = raw.inputs
    if np.ndim(inputs) == 2 and np.shape(inputs)[1] != 1:
        remedy = "keep x and y alone" if raw.named is None else raw.named.way_to_one()
        raise ValueError(
            f"{str(path)!r} must have one input for each observation, got"
            f" {np.shape(inputs)[1]}; {remedy}, or use highdim for several dimensions"
        )
    found = Sample.from_arrays(inputs, raw.labels, label_map=label_map)
    merged = raw.arrays.get("merged", np.array(0))
    if merged.shape != () or merged.dtype.kind not in "iu" or merged < 0:
        raise ValueError(f"{str(path)!r} has a damaged count of merged observations; save it again")
    law = Density.recalled(str(raw.arrays.get("density", UNIFORM.name)))
    said = Truth.named(str(raw.arrays.get("truth", ALWAYS.text)))
    return Sample(found.x, found.y, found.merged + int(merged), law, said)


def require_sample(sample: object) -> Sample:
    """Return the argument if it is a Sample; TypeError otherwise."""
    if not isinstance(sample, Sample):
        raise TypeError(
            f"`sample` must be a Sample, got {type(sample).__name__}; use Sample.from_arrays(x, y)"
        )
    return sample
