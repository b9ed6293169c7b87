"""What a record says about the KKT point near a trained net."""

from typing import Any, Final

from highdim.error.clean_error import clean_error
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.problem.network import Network, TwoLayerNet
from highdim.problem.sample import SphereSample
from highdim.standing.kkt import kkt_certificate
from highdim.standing.kkt_point import KktPoint, kkt_point
from highdim.standing.unpolished import UnpolishedError
from highdim.sweeps.store import Record, number

COLUMNS: Final = (
    "kkt_residual",
    "polished_verdict",
    "polished_residual",
    "polished_norm_squared",
    "norm_ratio",
    "optimum_ratio",
    "polished_neurons",
    "polished_distance",
    "polished_clean_error",
    "polished_clean_error_low",
    "polished_clean_error_high",
    "polish_note",
)
"""Columns of a polished run.

kkt_residual
    Of the trained net, the stationarity of its certificate.
polished_verdict, polished_residual
    Of the certificate of the polished net.
polished_norm_squared
    ‖θ‖² of the polished net at margin 1.
norm_ratio
    That of the trained net at margin 1 over it, at least 1 but for rounding.
optimum_ratio
    polished_norm_squared over the proved lower bound on ‖θ*‖²: the polished net is within that
    factor of the optimum. With trained outputs only.
polished_neurons, polished_distance
    Neurons that remain, and how far the parameters moved, see `KktPoint`.
polished_clean_error, …_low, …_high
    With a 95 % interval.
polish_note
    Why there is no polished net, and all the others None.
"""


def polished_record(
    net: Network, sample: SphereSample, *, train_output: bool, bias: bool, error: dict[str, Any]
) -> Record:
    """Return the columns of a run that is polished; `error` are the options of `clean_error`.

    Same input, same record. Cost that of `kkt_point`, `optimum_bounds` and `clean_error`.
    """
    assert isinstance(net, TwoLayerNet)
    found: Record = dict.fromkeys(COLUMNS)
    certificate = kkt_certificate(net, sample, train_output=train_output)
    found["kkt_residual"] = number(certificate.stationarity)
    try:
        point = kkt_point(net, sample, train_output=train_output)
    except UnpolishedError as reason:
        return found | {"polish_note": str(reason)}
    found |= _of_the_point(point)
    found["norm_ratio"] = number(certificate.norm_squared / point.certificate.norm_squared)
    if train_output:
        lower = optimum_bounds(sample, [point.net], bias=bias).lower
        found["optimum_ratio"] = number(point.certificate.norm_squared / lower)
    estimate = clean_error(point.net, law=sample.law, **error)
    names = ("polished_clean_error", "polished_clean_error_low", "polished_clean_error_high")
    ends = (estimate.value, estimate.low, estimate.high)
    return found | dict(zip(names, ends, strict=True)) | {"polish_note": ""}


def _of_the_point(point: KktPoint) -> Record:
    return {
        "polished_verdict": point.verdict.name,
        "polished_residual": number(point.certificate.stationarity),
        "polished_norm_squared": number(point.certificate.norm_squared),
        "polished_neurons": point.neurons,
        "polished_distance": number(point.distance),
    }
