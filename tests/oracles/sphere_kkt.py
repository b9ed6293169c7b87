"""KKT conditions of Problem (1) on R^d the slow way: dense Jacobians, a conic solver, Fractions.

A net is (v, W, b) with b None or (n,); x̃ = (x, 1) or x. Derivatives at kinks are variables of the
programme.
"""

from fractions import Fraction
from typing import Any

import clarabel
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[np.float64]


def augmented(X: Array, b: Array | None) -> Array:
    """x̃_i in rows."""
    return np.array([list(x) + ([] if b is None else [1.0]) for x in X])


def stacked(W: Array, b: Array | None) -> Array:
    """u_j in rows."""
    return np.array([list(w) + ([] if b is None else [b[j]]) for j, w in enumerate(W)])


def margins(v: Array, W: Array, b: Array | None, X: Array, y: Array) -> Array:
    """y_i N(x_i), term by term."""
    U, A = stacked(W, b), augmented(X, b)
    return np.array(
        [
            y[i] * sum(v[j] * max(0.0, float(U[j] @ x)) for j in range(len(v)))
            for i, x in enumerate(A)
        ]
    )


def parameters(v: Array, W: Array, b: Array | None, train_output: bool) -> Array:
    """θ, neuron by neuron: u_j, then v_j if trained."""
    U = stacked(W, b)
    return np.concatenate([np.append(u, v[j]) if train_output else u for j, u in enumerate(U)])


def gradient(
    v: Array, W: Array, b: Array | None, x: Array, slopes: Array, train_output: bool
) -> Array:
    """∇_θ N(x̃) with the σ'_j given, in the order of `parameters`."""
    parts = []
    for j, u in enumerate(stacked(W, b)):
        block = v[j] * slopes[j] * x
        parts.append(np.append(block, max(0.0, float(u @ x))) if train_output else block)
    return np.concatenate(parts)


def nearest(
    net: tuple[Array, Array, Array | None],
    X: Array,
    y: Array,
    support: Any,
    kinks: Any,
    train_output: bool = True,
) -> tuple[float, Array]:
    """Smallest |θ − Σ λ_i y_i h_i|/|θ| over λ ≥ 0 on the support and σ' in [0, 1] at kinks (neuron,
    datum); and λ.

    Variables λ and μ = λ σ' with 0 ≤ μ ≤ λ, by a conic solver: the residual is good to about 1e-7.
    """
    v, W, b = net
    U, A = stacked(W, b), augmented(X, b)
    theta = parameters(v, W, b, train_output)
    size = np.linalg.norm(theta)
    support, kinks = list(support), [(j, i) for j, i in kinks if i in set(support)]
    columns = []
    for i in support:
        slopes = np.array(
            [float(u @ A[i] > 0.0 and (j, i) not in set(kinks)) for j, u in enumerate(U)]
        )
        columns.append(y[i] * gradient(v, W, b, A[i], slopes, train_output))
    for j, i in kinks:
        only = np.zeros(len(v))
        only[j] = 1.0
        with_it = gradient(v, W, b, A[i], only, train_output)
        columns.append(y[i] * (with_it - gradient(v, W, b, A[i], 0.0 * only, train_output)))
    J = np.column_stack(columns) / size
    p, r = J.shape[1], len(theta)
    # minimise |s|²/2 with s = θ − J z, z ≥ 0 and z_λ − z_μ ≥ 0
    bounds = [
        np.eye(p)[len(support) + k] - np.eye(p)[support.index(i)] for k, (_, i) in enumerate(kinks)
    ]
    inequalities = np.vstack([-np.eye(p), *bounds])
    top = np.hstack([inequalities, np.zeros((len(inequalities), r))])
    bottom = np.hstack([J, np.eye(r)])
    P = sparse.block_diag([sparse.csc_matrix((p, p)), sparse.identity(r)], format="csc")
    cones = [clarabel.ZeroConeT(r), clarabel.NonnegativeConeT(len(top))]
    matrix = sparse.csc_matrix(np.vstack([bottom, top]))
    right = np.concatenate([theta / size, np.zeros(len(top))])
    solution = _solve(P, np.zeros(p + r), matrix, right, cones)
    z = np.maximum(solution[:p], 0.0)
    z[len(support) :] = np.minimum(z[len(support) :], [z[support.index(i)] for _, i in kinks])
    multipliers = np.zeros(len(y))
    multipliers[support] = z[: len(support)]
    return float(np.linalg.norm(theta / size - J @ z)), multipliers


def residual(
    net: tuple[Array, Array, Array | None],
    X: Array,
    y: Array,
    multipliers: Array,
    chosen: dict[tuple[int, int], float],
    train_output: bool = True,
) -> float:
    """|θ − Σ λ_i y_i h_i|/|θ| for given multipliers, and σ' at (neuron, datum) where it is not the
    neuron's own.
    """
    v, W, b = net
    U, A = stacked(W, b), augmented(X, b)
    theta = parameters(v, W, b, train_output)
    rest = theta.copy()
    for i, x in enumerate(A):
        slopes = np.array([chosen.get((j, i), float(u @ x > 0.0)) for j, u in enumerate(U)])
        rest -= multipliers[i] * y[i] * gradient(v, W, b, x, slopes, train_output)
    return float(np.linalg.norm(rest) / np.linalg.norm(theta))


def exact_margins(v: Array, W: Array, b: Array | None, X: Array, y: Array) -> list[Fraction]:
    """y_i N(x_i) in rational arithmetic."""
    found = []
    for x, label in zip(augmented(X, b), y, strict=True):
        total = Fraction(0)
        for j, u in enumerate(stacked(W, b)):
            line = sum(
                (Fraction(float(s)) * Fraction(float(t)) for s, t in zip(u, x, strict=True)),
                Fraction(0),
            )
            total += Fraction(float(v[j])) * max(Fraction(0), line)
        found.append(Fraction(float(label)) * total)
    return found


def exact_norm_squared(v: Array, W: Array, b: Array | None, train_output: bool = True) -> Fraction:
    """|θ|² in rational arithmetic."""
    arrays = [W] + ([] if b is None else [b]) + ([v] if train_output else [])
    return sum(
        (Fraction(float(entry)) ** 2 for array in arrays for entry in np.ravel(array)), Fraction(0)
    )


def exact_normalised(
    v: Array, W: Array, b: Array | None, X: Array, y: Array, train_output: bool = True
) -> Fraction:
    """|θ|² after scaling the smallest margin to 1."""
    worst = min(exact_margins(v, W, b, X, y))
    return exact_norm_squared(v, W, b, train_output) / (worst if train_output else worst**2)


def cell_optimum(
    v: Array, W: Array, b: Array | None, X: Array, y: Array, train_output: bool = True
) -> tuple[float, Array]:
    """Smallest |θ|² of nets whose neurons keep to their sides of the data, margins at least 1; and
    the products |v|u.

    Neuron by neuron in weight space, nothing merged, by a conic solver: the norm is good to about
    1e-7.
    """
    U, A = stacked(W, b), augmented(X, b)
    (m, q), n = A.shape, len(v)
    active = [[float(U[j] @ A[i]) > 0.0 for j in range(n)] for i in range(m)]
    strength = np.sign(v) if train_output else v
    rows = np.zeros((m + m * n, n * q + n))
    for i in range(m):
        for j in range(n):
            at = slice(j * q, j * q + q)
            rows[i, at] = -y[i] * strength[j] * active[i][j] * A[i]
            rows[m + i * n + j, at] = -(1.0 if active[i][j] else -1.0) * A[i]
    right, cones = (
        np.concatenate([-np.ones(m), np.zeros(m * n)]),
        [clarabel.NonnegativeConeT(m + m * n)],
    )
    if train_output:
        cone = np.zeros((n * (q + 1), n * q + n))
        for j in range(n):
            cone[j * (q + 1), n * q + j] = -1.0
            cone[j * (q + 1) + 1 : (j + 1) * (q + 1), j * q : j * q + q] = -np.eye(q)
        rows, right = np.vstack([rows, cone]), np.concatenate([right, np.zeros(len(cone))])
        cones += [clarabel.SecondOrderConeT(q + 1) for _ in range(n)]
        cost, P = np.concatenate([np.zeros(n * q), np.ones(n)]), np.zeros(n * q + n)
    else:
        cost, P = np.zeros(n * q + n), np.concatenate([np.ones(n * q), np.zeros(n)])
    found = _solve(sparse.diags(P, format="csc"), cost, sparse.csc_matrix(rows), right, cones)
    vectors = found[: n * q].reshape(n, q)
    sizes = np.linalg.norm(vectors, axis=1)
    if train_output:
        return float(2.0 * sizes.sum()), vectors
    return float(np.sum(sizes**2)), vectors * np.abs(v)[:, None]


def _solve(P: Any, cost: Array, matrix: Any, right: Array, cones: list[Any]) -> Array:
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-12
    solution = clarabel.DefaultSolver(
        sparse.csc_matrix(P), cost, matrix, right, cones, settings
    ).solve()
    if str(solution.status) not in ("Solved", "AlmostSolved"):
        raise RuntimeError(f"Clarabel stopped with status {solution.status}")
    return np.asarray(solution.x)
