"""Whether an MLP of scikit-learn predicts what its layers compute: subclasses may prepare inputs or
change outputs.
"""

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from univariate.common.nets.named_layers import Layer
from univariate.common.nets.probes import Points, plain_points, pre_activations

_AGREEMENT: Final = 1e-5  # relative to the sizes of terms: a subclass may compute in float32


def require_predictions(mlp: Any, layers: Sequence[Layer]) -> None:
    """Refuse an MLP of one output whose predictions are not those of its layers with ReLU between.

    Evidence, not proof: compared at some thousand points up to 1000. Objects without `predict` are
    what their layers are.

    Raises
    ------
    ValueError
        Another class or value than the score says, with where, or no prediction at all.
    """
    if not hasattr(mlp, "predict"):
        return
    points = plain_points(layers[0][0].shape[1])
    scores = pre_activations(layers, points)[-1][:, 0]
    allowed = _AGREEMENT * _sizes(layers, points)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names that columns of a table had
            found = np.asarray(mlp.predict(points)).reshape(-1)
    except Exception as error:  # whatever predict does
        raise ValueError(
            f"`mlp` must predict for inputs of shape {points.shape}, got {type(error).__name__}:"
            f" {error}; pass the scikit-learn MLP itself"
        ) from None
    classes = getattr(mlp, "classes_", None)
    if found.shape != scores.shape:
        wrong = np.ones(len(scores), dtype=np.bool_)
    elif classes is None:
        wrong = ~(np.abs(found - scores) <= allowed)
    else:
        wrong = ((found == classes[1]) != (scores > 0.0)) & (np.abs(scores) > allowed)
    if np.any(wrong):
        raise _other_prediction(points, scores, found, wrong)


def _sizes(layers: Sequence[Layer], points: Points) -> NDArray[np.float64]:
    """Return the sums of the sizes of all terms, (k,)."""
    sizes = np.abs(points)
    for weight, bias in layers:
        sizes = sizes @ np.abs(weight).T + (0.0 if bias is None else np.abs(bias))
    return np.asarray(sizes[:, 0])


def _other_prediction(
    points: Points, scores: Points, found: NDArray[Any], wrong: NDArray[np.bool_]
) -> ValueError:
    # the nearest of those points
    place = min(np.flatnonzero(wrong), key=lambda k: float(np.max(np.abs(points[k]))))
    where = np.array2string(points[place], precision=6, threshold=4, edgeitems=2)
    got = f"{found[place]}" if found.shape == scores.shape else f"{found.size} numbers"
    return ValueError(
        "`mlp` must predict what its layers say with ReLU between them, got"
        f" {got} where their score is {scores[place]:.6g}, at x = {where}; if a subclass prepares"
        " inputs or changes outputs, pass a plain MLP fitted on inputs as they are, or build the"
        " net of arrays"
    )
