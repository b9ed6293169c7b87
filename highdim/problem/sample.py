"""Samples (x_i, y_i) on the sphere, or of another law on R^d, labels +1 flipped by noise."""

from dataclasses import replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from highdim.problem.check import matrix, points
from highdim.problem.law import Law
from highdim.problem.laws import Gaussian, Sphere
from highdim.problem.near_orthogonality import NearOrthogonality, correlation, near_orthogonality
from highdim.problem.network import Network, TwoLayerNet
from highdim.problem.recognised import DISTRIBUTIONS, agreed, word_of
from highdim.problem.sample_files import SCHEMA, parts_of, read_raw
from highdim.problem.truth import labels_of, require_truth
from highdim.problem.truth_text import truth_name
from univariate.common import check
from univariate.common.arrays import Matrix, Vector
from univariate.common.files import PathLike, require_ending, save_arrays
from univariate.common.fingerprint import fingerprint
from univariate.common.foreign_arrays import (
    plain_array,
    require_labels_apart,
)
from univariate.common.label_copies import warn_of_label_copies
from univariate.common.labels import LabelMap, require_signs, signs
from univariate.common.reading.columns import Columns
from univariate.common.result import Result, result
from univariate.common.row_names import names_of_columns, require_one_order, require_same_rows
from univariate.common.sample_table import is_csv, write_table
from univariate.common.spelled import spelled
from univariate.common.warn import warn

_OFF_SPHERE: Final = 1e-3  # beyond the rounding of half precision


@result
class SphereSample(Result):
    """A labelled sample in R^d.

    Parameters
    ----------
    X : array_like, shape (m, d)
        Inputs in rows, finite, coordinates up to 2^500.
    y : array_like, shape (m,)
        Labels +1 or −1.
    p : float, optional
        The noise level that the labels were drawn with; None if unknown.
    distribution : str, optional
        What the inputs are drawn from: "sphere" (uniform, Section 4), "gaussian" (N(0, I/d)) or
        "ball" (uniform). By default "sphere"; the name of the law if one is given.
    truth : TwoLayerNet, optional
        The net whose sign the labels are, but for noise; None for the truth +1.
    law : Law, optional
        What the inputs are drawn from, for laws without such a word: `Gaussian(covariance)`,
        `Product(law)` and the like. By default that of `distribution`; where both are given they
        must agree. Another one for a sample: `replace(sample, law=law, distribution=None)`.

    Raises
    ------
    ValueError
        A law other than that of `distribution`, a table X with the labels among its columns, an
        input that occurs with both labels (no net interpolates that; the message names the
        indices), labels other than ±1, or shapes that do not match.

    Warns
    -----
    UserWarning
        An input looks like a copy of the labels.
    """

    X: Matrix
    y: Vector
    p: float | None = None
    distribution: str = None  # type: ignore[assignment] # that of `law`, or the sphere
    truth: TwoLayerNet | None = None
    law: Law = None  # type: ignore[assignment] # that of `distribution`

    def __post_init__(self) -> None:
        require_same_rows(X=self.X, y=self.y)
        require_labels_apart("X", self.X, self.y)
        object.__setattr__(self, "y", check.vector("y", self.y))
        given = self.X
        inputs = matrix("X", given, rows=len(self.y))
        object.__setattr__(self, "X", points("X", inputs, inputs.shape[1]))
        if self.p is not None:
            object.__setattr__(self, "p", check.probability("p", self.p))
        self._settle_law()
        if self.truth is not None:
            require_truth(self.truth, inputs.shape[1])
        require_signs("y", self.y)
        _check_repetitions(self.X, self.y)
        warn_of_label_copies(given, self.X, self.y)

    def _settle_law(self) -> None:
        """Let `distribution` and `law` say the same."""
        law = agreed(self.distribution, self.law, self.dimension)
        object.__setattr__(self, "law", law)
        object.__setattr__(self, "distribution", word_of(law, self.dimension))

    @classmethod
    def from_arrays(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        *,
        p: float | None = None,
        distribution: str | None = None,
        label_map: LabelMap | None = None,
        truth: TwoLayerNet | None = None,
        law: Law | None = None,
    ) -> "SphereSample":
        """Validate arrays of any real type: X (m, d), or (m,) for d = 1, and y (m,) or (m, 1), ±1
        or, by `label_map`, anything else.

        Inputs are taken as they are, not normalised; those that another law than the sphere never
        draws are a warning. So are columns whose rows have other names, which are joined by place.
        Columns of a table in another order than those that a `Gaussian` was made of are refused.
        """
        require_same_rows(X=X, y=y)
        if isinstance(law, Gaussian):
            remedy = "pass X[law.coordinates], or X.to_numpy() if it is in the order of the law"
            columns = names_of_columns(X)
            require_one_order("`X` and `law` must have columns", columns, law.coordinates, remedy)
        require_labels_apart("X", X, y)
        labels = signs("y", y, label_map)
        # names of columns stay for a warning
        inputs: Any = X
        if not hasattr(X, "columns"):
            inputs = plain_array("X", X)
            inputs = inputs[:, None] if inputs.shape == labels.shape else inputs
        sample = cls(inputs, labels, p, distribution, truth, law)  # type: ignore[arg-type]
        _warn_of_outside(sample)
        return sample

    @cached_property
    def fingerprint(self) -> str:
        """What results about this sample are recognised by. Cost a pass over X and y."""
        return fingerprint(self.X, self.y)

    @property
    def size(self) -> int:
        """Number of observations m."""
        return len(self.y)

    @property
    def dimension(self) -> int:
        """Input dimension d."""
        return int(self.X.shape[1])

    @property
    def noise_rate(self) -> float:
        """Share of labels that differ from the truth, the empirical p."""
        return float(np.mean(self._agreement < 0.0))

    @property
    def _agreement(self) -> Vector:
        """1 where a label is that of the truth, −1 where it differs."""
        return self.y if self.truth is None else self.y * labels_of(self.truth, self.X)

    def noise_level(self, p: float | None = None) -> float:
        """Return p if it is given, else the sample's own, else its share of labels unlike the
        truth.
        """
        known = (p, self.p, self.noise_rate)
        return check.probability("p", next(rate for rate in known if rate is not None))

    @cached_property
    def gram(self) -> Matrix:
        """X Xᵀ, shape (m, m), rounded. Cost O(m² d), once."""
        gram = self.X @ self.X.T
        gram.setflags(write=False)
        return gram

    @property
    def correlation(self) -> float:
        """Largest |x_i·x_j|, i ≠ j; 0 for a single observation."""
        return correlation(self.gram)

    def near_orthogonality(self, delta: float, *, p: float | None = None) -> NearOrthogonality:
        """Evaluate Properties 1–3 of Lemma B.1 on this sample.

        I₋ are the observations whose labels differ from the truth, those of label −1 for the truth
        +1.

        Parameters
        ----------
        delta : float
            Failure probability in (0, 1).
        p : float, optional
            Noise level of Property 3; the sample's own if not given.
        """
        if p is None and self.p is None:
            raise ValueError(
                "`p` must be given for a sample that does not know its noise level, got None; pass"
                " p=sample.noise_rate, the share of labels unlike the truth, or the level meant"
            )
        if self.distribution not in DISTRIBUTIONS:
            raise ValueError(
                f"`sample` must have one of the laws {', '.join(DISTRIBUTIONS)} for Lemma B.1, got"
                f" {spelled(self.law.name)}; ask SphereSample(X, y, p), as if these inputs were"
                " from the sphere"
            )
        p = self.noise_level(p)
        delta = check.probability("delta", delta, open_interval=True)
        flips = self._agreement
        return near_orthogonality(self.gram, flips, self.dimension, p, delta, self.distribution)

    def save(self, path: PathLike) -> None:
        """Write as .csv (columns x0, …, x{d−1}, y; full precision) or as .npz, never pickled;
        ValueError for the ending of another format.

        A .csv keeps another truth than +1 and another distribution than the sphere, with the noise
        level, in a line before the columns that begins with #; of other samples it keeps X and y
        alone, and .npz the noise level too. An existing file is replaced only by a complete one.
        """
        require_ending("path", path, ".csv", ".npz")
        if is_csv(path):
            known = self.known if self.needs_note else {}
            names = [f"x{k}" for k in range(self.dimension)]
            write_table(path, names, self.X, self.y, (SCHEMA, known))
        else:
            save_arrays(path, SCHEMA, {"X": self.X, "y": self.y} | self.known)

    @property
    def needs_note(self) -> bool:
        """Whether X and y alone would be taken for another sample: +1 and the sphere are meant if
        nothing is said.
        """
        return self.truth is not None or self.distribution != "sphere"

    @property
    def known(self) -> dict[str, NDArray[Any]]:
        """What is known besides X and y, as files hold it: distribution or law, noise level,
        truth.
        """
        found: dict[str, NDArray[Any]] = {"distribution": np.array(self.distribution)}
        if self.distribution not in DISTRIBUTIONS:
            found["law"] = np.array(self.law.name)
        if self.p is not None:
            found["p"] = np.array(self.p)
        if self.truth is not None:
            found |= {f"truth_{name}": part for name, part in self.truth.parameters.items()}
        return found

    @classmethod
    def load(
        cls,
        path: PathLike,
        *,
        label_map: LabelMap | None = None,
        columns: Columns | None = None,
    ) -> "SphereSample":
        """Read a table (CSV and its kin), or arrays X and y; those of `save` bit for bit.

        Parameters
        ----------
        path : path
            Of any ending. A table has a row for each observation: the label in the column named y,
            label, target or class, without names in the last; all others are inputs, but for those
            that count rows: as they stand, or, all of one name with numbers as x0, x1, … or pixel1,
            pixel2, …, in the order of these.
            Arrays are those of `save`, of `numpy.savez(path, X=X, y=y)`, or of PyTorch, safetensors
            or JSON by these names, and nothing besides but counts of rows; a .npy file has the
            label in its last column.
        label_map : mapping, optional
            Label → +1 or −1 where labels are not ±1.
        columns : sequence of str, optional
            Names of the inputs and, last, of the label, where a table calls them otherwise or has
            more columns; of arrays two.

        Inputs are taken as they are, not normalised; unless a file says it, the noise level is
        unknown. Exact: numbers are read to the nearest double. Cost O(m d).

        Warns
        -----
        UserWarning
            An input looks like a copy of the labels, or inputs stand in another order than their
            numbers; not where `columns` says what is meant. The first column of a table without
            names may be the label as well as the last.

        Raises
        ------
        FileNotFoundError
            No such file.
        ValueError
            Not readable, not clear which are inputs, or no sample; the message names the line.
        """
        raw = read_raw(path, columns)
        if raw.doubt:
            warn(raw.doubt)
        if raw.taken is not None and raw.taken.is_reordered:
            warn(raw.taken.order_in_words(str(path)))
        return cls.from_arrays(**parts_of(path, raw, columns), label_map=label_map)


def under_truth(sample: SphereSample, truth: TwoLayerNet | None) -> SphereSample:
    """Return a sample with another truth; the noise level that it was drawn with is not about that
    one, and is forgotten.
    """
    return sample if truth == sample.truth else replace(sample, truth=truth, p=None)


def under_law(sample: SphereSample, law: Law) -> SphereSample:
    """Return a sample of the same observations that says of another law that they are drawn from
    it.
    """
    return replace(sample, law=law, distribution=None)  # type: ignore[arg-type] # that of the law


def require_sample(sample: object) -> None:
    """Raise TypeError unless the argument is a SphereSample."""
    if not isinstance(sample, SphereSample):
        raise TypeError(
            f"`sample` must be a SphereSample, got {type(sample).__name__}; use"
            " SphereSample.from_arrays(X, y)"
        )


def require_dimension(net: Network, sample: SphereSample, remedy: str, name: str = "net") -> None:
    """Raise ValueError unless a net takes the inputs of a sample."""
    if net.dimension != sample.dimension:
        raise ValueError(
            f"`{name}` must have the dimension of the sample, {sample.dimension}, got"
            f" {net.dimension}; {remedy}"
        )


def require_positive_truth(sample: SphereSample) -> None:
    """Raise ValueError for a sample that knows another truth than +1, which Section 4 is about."""
    if sample.truth is not None:
        raise ValueError(
            "`sample` must have the truth +1, which Section 4 is about, got"
            f" {truth_name(sample.truth)}; pass SphereSample(X, y) to ask about +1 all the same"
        )


def law_meant(sample: SphereSample, law: Law | str | None, *, anywhere: bool = False) -> Law | str:
    """Return the law that an error is about: the one given, or else the sample's own.

    Warns where that is the sphere, of which nothing need have been said, and inputs do not lie on
    it; not if what errs does the same `anywhere` on a ray.
    """
    if law is not None:
        return law
    if isinstance(sample.law, Sphere) and not anywhere:
        norms = np.linalg.norm(sample.X, axis=1)
        if np.any(np.abs(norms - 1.0) > _OFF_SPHERE):
            warn(
                "`sample` has inputs off the unit sphere, and its law is that on the sphere, which"
                " clean errors are about; pass the `law` that they are drawn from, or rescale them"
            )
    return sample.law


def _warn_of_outside(sample: SphereSample) -> None:
    """Warn of inputs outside the support of a law; off the sphere, which is meant if nothing is
    said, only reports say it.
    """
    outside = None if sample.distribution == "sphere" else sample.law.outside(sample.X)
    if outside:
        warn(
            f"`X` has {outside:,} of {sample.size:,} inputs outside the support of the law"
            f" {spelled(sample.law.name)}, where it never draws; pass the `law` that they are drawn"
            " from, or rescale them"
        )


def _check_repetitions(X: Matrix, y: Vector) -> None:
    """Refuse an input that occurs with both labels; with one label it may repeat."""
    first: dict[bytes, int] = {}
    for i, row in enumerate(X):
        j = first.setdefault((row + 0.0).tobytes(), i)  # −0 + 0 is +0
        if y[i] != y[j]:
            raise ValueError(
                f"`X` must not repeat with different labels, got row {j} = row {i} with labels of"
                " both signs; no network interpolates this, remove one of them"
            )
