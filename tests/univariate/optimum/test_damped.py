"""Damped steps: dense and sparse ones agree, and singular systems have a step, too."""

import numpy as np
import pytest
from scipy import sparse

from univariate.optimum import damped


@pytest.mark.parametrize("seed", range(6))
def test_dense_and_sparse_steps_agree(seed):
    rng = np.random.default_rng(seed)
    rows, size = rng.integers(4, 20, 2)
    J = rng.normal(size=(rows, size)) * (rng.random((rows, size)) < 0.5)
    J[:, ~J.any(axis=0)] = 1.0
    J[:2] *= 1e6
    residual = rng.normal(size=rows)
    sizes = 10.0 ** rng.uniform(-3, 3, size // 2)
    for damping in (1e-8, 1e-4):
        dense = damped._dense_step(J, residual, damping, sizes)
        other = damped._sparse_step(sparse.csc_array(J), residual, damping, sizes)
        assert dense == pytest.approx(other, rel=1e-4, abs=1e-6 * np.abs(other).max())


@pytest.mark.parametrize("step_of", [damped._dense_step, damped._sparse_step])
@pytest.mark.parametrize("damping", [0.0, 1e-30])
def test_columns_that_are_equal_or_zero_have_a_step(damping, step_of):
    J = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0], [3.0, 3.0, 0.0]])
    given = J if step_of is damped._dense_step else sparse.csc_array(J)
    step = step_of(given, -J @ [1.0, 1.0, 0.0], damping, np.zeros(0))
    assert np.isfinite(step).all()
    assert J @ step == pytest.approx(J @ [1.0, 1.0, 0.0], rel=1e-6)
