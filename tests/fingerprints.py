"""Fingerprints of some six thousand results: the bits that a refactoring must leave as they were.

A change that only moves, splits or renames code changes no bit of any result on one machine.
Before it, keep what the public functions and the two commands answer, with their prose and without:

    python tests/fingerprints.py > before.txt
    python tests/fingerprints.py --no-words > before_nowords.txt

After it, and at every step on the way, ask again; the exit status is 1 if any line differs:

    python tests/fingerprints.py --compare before.txt
    python tests/fingerprints.py --no-words --compare before_nowords.txt
    python tests/fingerprints.py --only highdim.kkt_point --compare before.txt

If the first differs and the second does not, wording has changed and no number; `--no-words` must
be given to both runs that are compared or to neither.  A line is `<kind> <index> <digest>`, the
digest the first 16 hexadecimal digits of the sha256 of the result's bits.  A refusal of bad input
is a result like any other, its message prose; every other error is told on stderr, with the time
that each kind took.

`TABLE` says which attributes of a result count: where a refactoring renames one, rename it there,
in its place, and no digest changes.  Inputs are drawn here, most of them by numpy alone, so that a
change in one function spreads to few others.  Other machines, and other versions of numpy, numba
and scipy, have other bits.  All of it takes two to three minutes on one core, more if kernels must
be compiled.
"""

import argparse
import contextlib
import enum
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # before this folder, where univariate and highdim hold tests
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):  # they change what the commands print
    os.environ.pop(name, None)

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy import stats  # noqa: E402

import highdim as h  # noqa: E402
import univariate as u  # noqa: E402
from univariate import counterexamples  # noqa: E402

Vector = NDArray[np.float64]
Make = Callable[[int], Any]
Lines = dict[tuple[str, int], str]

KINDS: dict[str, tuple[int, Make]] = {}

# What counts of a result: its attributes in order, `~` before prose, `:` before the name, in this
# table, of what a part is shown as.
TABLE = """
Sample: x y merged
SampleEvents: delta holds largest_gap:Event small_gaps:Event collisions:Event
Event: value threshold holds ~name
Spline: knots values slopes errors
CleanError: value low high intervals
Margins: values bounds worst low
Interpolation: verdict worst margin low high
LossGradient: loss v w b margins log_loss log_loss_v log_loss_w log_loss_b
MaxMargin: net:Net norm_squared multipliers duality_gap method dual_norm_squared dual_ratio
    raised
Residual: absolute relative
Clarke: neuron observation derivative weight remainder distance
KktCertificate: verdict multipliers stationarity:Residual feasibility:Residual
    slackness:Residual clarke:Clarke accuracy remainders least_residual direction witness:Net
    decrease distance nearest worst_margin norm_squared dead unbalanced zero tolerance method
    epsilon_delta ~reason
LocalMinimum: verdict direction decrease witness:Net accuracy distance nearest sites spare
    kkt:KktCertificate global_minimum:GlobalMinimum tolerance ~reason
GlobalMinimum: verdict duality_gap multipliers norm_squared dual_norm_squared worst_margin
    witness:Net tolerance ~reason
Standing: level rank next_verdict interpolation:Interpolation kkt:KktCertificate
    local_minimum:LocalMinimum global_minimum:GlobalMinimum witness:Net scale ~reason
Level: level
Recheck: verdict claim accuracy ~reason
Structure: checks:StatementCheck worst_margin tolerance
StatementCheck: verdict checked violated violations:Violation worst ~statement
Violation: first last value limit neurons ~statement ~quantity
TheoremReport: verdict hypotheses:Hypothesis clean_error:CleanError bounds:Bound
    attribution:Attribution p delta implied_lower implied_upper standing:Level
    violation:Violation ~theorem ~reason
Hypothesis: verdict value threshold ~name ~reason
Bound: side realised expected verdict ~name
Attribution: mass error ~pattern
Move: net:Net equation first second step norm_squared_before norm_squared_after change predicted
    interval ~case
Trajectory: net:Net status times losses margins clean_errors snapshots:Net log_times
    scaled_times log_losses norms_squared step_errors held crossed caught rejected
    snapshot_log_times interpolates_from method loss tolerance next_step sliding ~reason
KktPoint: net:Net certificate:KktCertificate distance clean_error:CleanError clean_error_change
    cells entered
FoundPoint: net:Net standing:Standing clean_error:CleanError norm_ratio structure:Structure draw
TrainedNet: start:Net trajectory:Trajectory interpolation:Interpolation
    end_clean_error:CleanError optimum:MaxMargin point:KktPoint standing:Standing
    structure:Structure norm_ratio end_norm_ratio regions theorem_3_1:TheoremReport
    theorem_3_2:TheoremReport interpolates net:Net clean_error:CleanError ~missing
StudyRow: m p seed noise_rate sign_changes clean_error clean_error_low clean_error_high
    nearest_neighbour lower_3_1 lower_3_2 upper_3_2 norm_squared duality_gap method ~density
Counterexample: v w b x y multipliers pins:Pin isolated interval norm_squared kinks net:Net
    sample:Sample ~statement ~claim ~finding
Pin: neuron observation derivative
Condition: holds ~name
SphereSample: X y p distribution gram noise_rate
NearOrthogonality: delta holds inner_products:Event gram_norm:Event negatives:Event norms:Event
    typical_gram_norm
SphereTrajectory: net:Net status times losses margins clean_errors snapshots:Net step_numbers
    norms_squared wrong step_errors kkt_residuals interpolation_time snapshot_times clean_error
    start:Net flow_time steps normalised_margins ~reason
Estimate: value low high samples method level log10_value log10_low log10_high pilot_samples
    largest_share intervals ~note
BenignInterpolator: net:Net margins smallest_margin norm_squared exact_norm_squared
    printed_bound corrected_bound checks:Check scaled_net:Net scaled_norm_squared
Catastrophic: net:Net certificate:SphereCertificate clean_error:Estimate multipliers
    printed_net:Net printed_certificate:SphereCertificate defect m_plus m_minus
OrthogonalLimit: norm_squared value_at_origin m_plus m_minus
SphereCertificate: verdict multipliers stationarity slackness accuracy worst_margin scale
    norm_squared kinks derivatives clarke_distance least_residual witness:Net train_output
    tolerance ~reason
SphereKktPoint: net:Net certificate:SphereCertificate distance norm_squared_fall cells_crossed
    neurons verdict ~reason
OptimumBounds: lower upper ratio upper_source lower_source lower_multipliers sup_bound gram_norm
    candidates net:Net orthogonal_limit
DualBound: value sup_bound sources
StatementReport: verdict hypotheses:Check steps:Check conclusion:Check quantities ~statement
    ~reason
Check: value relation threshold form verdict ~source ~claim ~reason
SmallErrorNet: net:Net slope direction margins clean_error:Estimate printed_bound
RationalCounterexample: v W X y multipliers kinks tangent clean_error_below printed_bound
"""


def fields_of(table: str) -> dict[str, list[str]]:
    entries = (entry.split(": ", 1) for entry in table.strip().replace("\n    ", " ").split("\n"))
    return {name: fields.split() for name, fields in entries}


FIELDS = fields_of(TABLE)
PARAMETERS = {
    u.ReluNet: ["v", "w", "b"],
    u.DeepReluNet: ["layers"],
    h.TwoLayerNet: ["v", "W", "b"],
    h.ThreeLayerNet: ["v", "W2", "b2", "W1", "b1"],
}

# The strings of a JSON report that are decisions; its other strings are prose, or infinities.
DECISIONS = {
    "verdict",
    "level",
    "method",
    "status",
    "side",
    "form",
    "relation",
    "loss",
    "distribution",
}
TRANSIENT = {"seconds", "versions"}


# Digests


class Words(str):
    """Prose."""

    __slots__ = ()


def canonical(value: Any, words: bool) -> str:
    """Return a text that two values share only if their bits agree; without words "~" for prose."""
    if isinstance(value, str):
        return "~" if isinstance(value, Words) and not words else repr(str(value))
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, np.ndarray):
        return f"{value.dtype.str}{value.shape}{value.tobytes().hex()}"
    if isinstance(value, dict):
        return canonical([(Words(key), item) for key, item in value.items()], words)
    if isinstance(value, list | tuple):
        return f"({','.join(canonical(item, words) for item in value)})"
    return number(value)


def number(value: Any) -> str:
    if value is None or isinstance(value, bool | np.bool_):
        return str(value)
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return float(value).hex()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    raise TypeError(f"no digest of a {type(value).__name__}")


def digest(value: Any, words: bool) -> str:
    return hashlib.sha256(canonical(value, words).encode()).hexdigest()[:16]


def shown(name: str, found: Any) -> Any:
    """Return the parts of a result that count, in the order of FIELDS; of a tuple those of each."""
    if found is None:
        return None
    if isinstance(found, list | tuple):
        return tuple(shown(name, one) for one in found)
    fields = PARAMETERS[type(found)] if name == "Net" else FIELDS[name]
    return tuple(part(found, field) for field in fields)


def part(found: Any, field: str) -> Any:
    name, _, kind = field.removeprefix("~").partition(":")
    value = getattr(found, name)
    if kind:
        return shown(kind, value)
    return Words(value) if field.startswith("~") else value


def document(value: Any, key: str = "") -> Any:
    """Return a JSON document without what differs from run to run, its prose marked."""
    if isinstance(value, dict):
        return {name: document(item, name) for name, item in value.items() if name not in TRANSIENT}
    if isinstance(value, list):
        return [document(item, key) for item in value]
    if value in ("inf", "-inf"):
        return float(value)
    return Words(value) if isinstance(value, str) and key not in DECISIONS else value


def kind(count: int = 100) -> Callable[[Make], Make]:
    """Register a function of an index; `line_margins` makes the results of univariate.margins."""

    def register(make: Make) -> Make:
        package, _, name = make.__name__.partition("_")
        KINDS[f"{'univariate' if package == 'line' else 'highdim'}.{name}"] = count, make
        return make

    return register


# Inputs on the line


DENSITIES = (
    stats.norm(0.5, 0.3),
    stats.beta(2, 5),
    stats.expon(scale=0.4),
    stats.uniform(-0.5, 2.0),
    stats.t(3, loc=0.3),
)
GRID = np.linspace(-0.5, 1.5, 41)


def seeded(*words: int) -> np.random.Generator:
    return np.random.default_rng(words)


def truth(i: int) -> u.Truth:
    """Breakpoints that are doubles, or fractions that are none."""
    rng = seeded(41, i)
    places = np.sort(rng.random(1 + i % 5)).tolist()
    if i % 2:
        places = [Fraction(1 + j, 3 + i % 5 + 2 * len(places)) for j in range(len(places))]
    return u.Truth(places, rng.choice([1, -1], len(places) + 1).tolist())


def density(i: int) -> Any:
    return DENSITIES[i % len(DENSITIES)]


@cache
def sample(i: int) -> u.Sample:
    """Return 3 to 11 points at random, on a grid, far apart or in uneven gaps, or 40 at random."""
    rng = seeded(1, i)
    shape = i // 10 % 5
    m = 40 if shape == 4 else 3 + (i + i // 10) % 9
    x = (
        rng.random(m),
        rng.permutation(64)[:m] / 64,
        6.0 * rng.random(m) - 3.0,
        np.cumsum(2.0 ** -rng.integers(3, 24, m)),
        rng.random(m),
    )[shape]
    return u.Sample.from_arrays(x, np.where(rng.random(m) < 0.35, -1.0, 1.0))


def large(i: int) -> u.Sample:
    rng = seeded(2, i)
    m = 20 * (1 + i % 20)
    return u.Sample.from_arrays(rng.random(m), np.where(rng.random(m) < 0.2, -1.0, 1.0))


def relu(x: Vector) -> Vector:
    return np.maximum(x, 0.0)


def lowered(v: Vector, w: Vector, b: Vector, x: float) -> u.ReluNet:
    """Return the net less its value at x, by one neuron that is constant."""
    level = float(np.sum(v * relu(w * x + b)))
    return u.ReluNet(*(np.append(part, last) for part, last in ((v, -level), (w, 0.0), (b, 1.0))))


def ordinary(rng: np.random.Generator, n: int) -> u.ReluNet:
    v, w = rng.standard_normal((2, n))
    return lowered(v, w, -w * rng.random(n), rng.random())


def gridded(rng: np.random.Generator, n: int) -> u.ReluNet:
    """Return kinks that coincide, and values that vanish exactly."""
    w = rng.choice([-2.0, -1.0, 1.0, 2.0], n)
    v = rng.integers(-4, 5, n).astype(float)
    return lowered(v, w, -w * rng.integers(0, 17, n) / 16, rng.integers(0, 17) / 16)


def plateaus(rng: np.random.Generator, n: int) -> u.ReluNet:
    """Return neurons that cancel each other, a few hats and nothing else."""
    base = gridded(rng, n)
    hat, at = np.array([1.0, -2.0, 1.0]), rng.integers(0, 12) / 16 + np.array([0.0, 1.0, 2.0]) / 16
    v = np.concatenate([base.v, -base.v / 4, hat])
    w = np.concatenate([base.w, 4 * base.w, np.ones(3)])
    return u.ReluNet(v, w, np.concatenate([base.b, 4 * base.b, -at]))


def extreme(rng: np.random.Generator, n: int) -> u.ReluNet:
    """Return parameters of any size, some of them zero."""
    base = gridded(rng, n)
    up, size = 2.0 ** rng.integers(-480, 480, n + 1), 2.0 ** rng.integers(-60, 60, n + 1)
    return u.ReluNet(base.v / up * size, base.w * up, base.b * up)


def neighbours(rng: np.random.Generator, n: int) -> u.ReluNet:
    """Return opposite neurons whose kinks are one unit in the last place apart."""
    kink, v = rng.random(n), rng.standard_normal(n)
    kinks = np.concatenate([kink, np.nextafter(kink, 2.0)])
    return lowered(np.concatenate([v, -v]), np.ones(2 * n), -kinks, kink[0])


@cache
def net(i: int) -> u.ReluNet:
    makers = (ordinary, gridded, plateaus, extreme, neighbours)
    return makers[i % len(makers)](seeded(3, i), 1 + i // 5)


@cache
def deep(i: int) -> u.DeepReluNet:
    """Return three or four layers, half of the nets in halves of integers; a zero in [0, 1]."""
    rng = seeded(4, i)
    widths = [1, *rng.integers(3, 9, 2 + i % 2), 1]
    layers, at = [], rng.integers(0, 17, 1) / 16
    for inputs, outputs in pairwise(widths):
        weight, bias = rng.standard_normal((outputs, inputs)), rng.standard_normal(outputs)
        if i // 2 % 2:
            weight, bias = np.round(2.0 * weight) / 2.0, np.round(2.0 * bias) / 2.0
        layers.append((weight, bias))
        at = weight @ (relu(at) if len(layers) > 1 else at) + bias
    weight, bias = layers.pop()
    return u.DeepReluNet((*layers, (weight, bias - at)))


def any_net(i: int) -> u.Network:
    return deep(i) if i % 4 == 3 else net(i)


# Nets with a sample: of every standing

Case = tuple[u.ReluNet, u.Sample]

# KKT points of all levels: changes of slope at places, by neurons active right > or left < of them
BENDS = (
    ("-388/35@0> 768/35@5/12> -2400/91@8/15< 1828/91@3/4<", "0 5/12 8/15 3/4", "+-+-"),
    ("-388/35@0> 768/35@5/12> -2400/91@8/15< 1828/91@3/4<", "0 5/12 8/15 3/4 1", "+-+-+"),
    ("-52/15@0> 54/5@5/12> -46/3@3/4> 4/3@3/4<", "0 5/12 3/4 1", "+-+-"),
    ("12/25@-4/3> 54/5@5/12< -138/25@3/4< -212/25@3/4>", "0 5/12 3/4 1", "+-+-"),
    ("39/5@5/12< 3@5/12> -3@3/4< -11@3/4>", "0 5/12 3/4 1", "+-+-"),
    ("1/3@-1> 1/2@1<", "-1 2", "++"),
)


def bent(i: int) -> Case:
    bends, places, labels = BENDS[i // 10 % len(BENDS)]
    parts = [[*bend[:-1].split("@"), bend[-1]] for bend in bends.split()]
    jump, at = (np.array([float(Fraction(one[k])) for one in parts]) for k in (0, 1))
    w = np.abs(jump) * np.array([1.0 if one[2] == ">" else -1.0 for one in parts])
    x = [float(Fraction(place)) for place in places.split()]
    y = [1.0 if label == "+" else -1.0 for label in labels]
    return u.ReluNet(np.sign(jump), w, -w * at).balanced(), u.Sample(x, y)


def rational(i: int) -> Case:
    makers = (counterexamples.proposition_a_4, counterexamples.theorem_3_2_lower_bound)
    found = makers[i // 10 % 2]()
    return nudged(found.net, i, 0.0 if i < 40 else 1e-8 * 10.0 ** (i // 10)), found.sample


def nudged(one: u.ReluNet, i: int, size: float) -> u.ReluNet:
    factors = 1.0 + size * seeded(5, i).standard_normal(one.width)
    return u.ReluNet(one.v * factors, one.w, one.b)


def optimal(i: int) -> Case:
    return u.max_margin(sample(i)).net, sample(i)


def nearly_optimal(i: int) -> Case:
    best, data = optimal(i)
    return nudged(best, i, 10.0 ** -(3 + i // 10)), data


def spare(i: int) -> Case:
    """Return the optimum with a neuron that is zero, or dead on the data."""
    best, data = optimal(i)
    w, b = (0.0, 0.0) if i // 10 % 2 else (1.0, -2.0 - np.abs(data.x).max())
    return u.ReluNet(np.append(best.v, 0.0), np.append(best.w, w), np.append(best.b, b)), data


def halved(i: int) -> Case:
    """Return the optimum with every neuron in two halves."""
    best, data = optimal(i)
    share = np.sqrt(0.5)
    return u.ReluNet(*(np.tile(share * part, 2) for part in (best.v, best.w, best.b))), data


def searched(i: int) -> Case:
    data = u.Sample.from_arrays(sample(i).x[:6], sample(i).y[:6])
    found = u.search_kkt_points(data, count=3, rng=i, draws=6)
    return (found[i // 10 % len(found)].net if found else u.max_margin(data).net), data


def wide(i: int) -> Case:
    """Return random kinks with output weights of least squares: it fits, and bends needlessly."""
    data, rng = sample(i), seeded(6, i)
    n = 4 * data.size
    low, high = data.x[0] - 0.1, data.x[-1] + 0.1
    w = rng.choice([-1.0, 1.0], n) * np.exp(rng.standard_normal(n))
    b = -w * rng.uniform(low, high, n)
    active = relu(data.x[:, None] * w + b)
    return u.ReluNet(np.linalg.lstsq(active, data.y)[0], w, b).balanced(), data


def zigzag(i: int) -> Case:
    """Return one orientation through values that the propositions exclude, at and between data."""
    rng = seeded(22, i)
    x = np.sort(rng.permutation(32)[:7]) / 32
    y = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0, 1.0])
    knots = np.concatenate([[-1.0], np.sort(np.append(x, 0.5 * (x[:-1] + x[1:])))])
    values = np.zeros(14)
    values[1::2], values[2::2] = y * rng.choice([1.0, 2.0], 7), rng.uniform(-1.0, 1.0, 7)[:6]
    slopes = np.append(np.diff(values) / np.diff(knots), 0.0)
    one = u.ReluNet(np.diff(slopes, prepend=0.0), np.ones(14), -knots).balanced()
    if i % 2:
        return u.ReluNet(one.v, -one.w, one.b), u.Sample(-x[::-1], y[::-1])
    return one, u.Sample(x, y)


def wild(i: int) -> Case:
    return net(i), sample(i)


CASES = (optimal, nearly_optimal, spare, halved, searched, searched, bent, rational, wide, wild)


@cache
def case(i: int) -> Case:
    return CASES[i % len(CASES)](i)


def fitting(i: int) -> Case:
    """Return a case that interpolates, but for few."""
    return zigzag(i) if i % 10 == 9 else case(i)


def certificate(i: int) -> Any:
    makers = (u.kkt_certificate, u.local_minimum_certificate, u.global_minimum_certificate)
    return makers[i // 10 % 3](*case(i))


# Results on the line


@kind()
def line_draw_sample(i: int) -> Any:
    shape = density(i) if i % 4 == 3 else None
    return shown("Sample", u.draw_sample(1 + 3 * i, i / 99, rng=i, density=shape))


@kind()
def line_sample_events(i: int) -> Any:
    shape = density(i) if i % 4 == 3 else None
    return shown("SampleEvents", u.sample_events(large(i), 0.01 * (1 + i % 90), density=shape))


@kind()
def line_sample_facts(i: int) -> Any:
    data = sample(i)
    return data.gaps, data.noise_rate, data.sign_changes, data.size


@kind()
def line_network(i: int) -> Any:
    one = net(i)
    return one(GRID), one.width, one.norm_squared, one.kinks, shown("Net", one.balanced())


@kind()
def line_deep_network(i: int) -> Any:
    return deep(i)(GRID), deep(i).widths, deep(i).norm_squared


@kind()
def line_init_network(i: int) -> Any:
    scheme = "pytorch" if i % 2 else "spread"
    return shown("Net", u.init_network(sample(i), scheme=scheme, scale=1.0 + i / 10, rng=i))


@kind()
def line_from_torch(i: int) -> Any:
    """Read a state_dict of arrays."""
    state = {}
    for k, (weight, bias) in enumerate(any_net(i).layers):
        state |= {f"{2 * k}.weight": weight, f"{2 * k}.bias": bias}
    return shown("Net", u.ReluNet.from_torch(state))


@kind()
def line_spline(i: int) -> Any:
    found = u.spline(any_net(i))
    views = found.zeros(), found.sublevel_intervals(), found.linear_regions((-1.0, 2.0))
    above = found.sublevel_intervals(0.25, (-1.0, 2.0))
    return shown("Spline", found), found(GRID), views, above


@kind()
def line_spline_views(i: int) -> Any:
    found = u.spline(case(i)[0])
    piecewise = found.to_ppoly((-1.0, 2.0))
    return piecewise.x, piecewise.c, np.array(found.to_linestring((-1.0, 2.0)).coords)


@kind()
def line_geometry(i: int) -> Any:
    one, data = case(i)
    found = u.spline(one)
    gates = [np.array(gate.coords) for gate in u.margin_gates(data, 3.0).geoms]
    region = u.sublevel_region(found, 0.1, (-1.0, 2.0))
    return (
        gates,
        u.gates_met(found, data),
        region.length,
        [np.array(s.coords) for s in region.geoms],
    )


@kind()
def line_clean_error(i: int) -> Any:
    return shown("CleanError", u.clean_error(net(i)))


@kind()
def line_clean_error_density(i: int) -> Any:
    return shown("CleanError", u.clean_error(any_net(i), density=density(i)))


@kind()
def line_clean_error_truth(i: int) -> Any:
    shape = density(i) if i % 4 == 3 else None
    return shown("CleanError", u.clean_error(any_net(i), truth=truth(i), density=shape))


@kind()
def line_noisy_error(i: int) -> Any:
    clean = u.noisy_error(net(i), i / 99, truth=truth(i))
    nearest = u.nearest_neighbour_noisy_error(sample(i), i / 99, truth=truth(i))
    return clean.value, clean.low, clean.high, nearest.value, nearest.low, nearest.high


@kind()
def line_clean_error_deep(i: int) -> Any:
    return shown("CleanError", u.clean_error(deep(i)))


@kind()
def line_exact_clean_error(i: int) -> Any:
    return u.exact_clean_error(any_net(i))


@kind()
def line_clean_errors(i: int) -> Any:
    nets = [net(i), *(ordinary(seeded(7, i, k), net(i).width - 1) for k in range(7))]
    return u.clean_errors(*(np.stack([getattr(one, part) for one in nets]) for part in "vwb"))


@kind()
def line_margins(i: int) -> Any:
    one, data = (deep(i), sample(i)) if i % 10 == 9 else case(i)
    return shown("Margins", u.margins(one, data)), u.smallest_margin(one, data)


@kind()
def line_interpolates(i: int) -> Any:
    one, data = (deep(i), sample(i)) if i % 10 == 9 else case(i)
    return shown("Interpolation", u.interpolates(one, data))


@kind()
def line_loss_and_gradient(i: int) -> Any:
    loss = "exponential" if i % 2 else "logistic"
    one, data = case(i) if i % 3 else (ordinary(seeded(8, i), 1 + i), sample(i))
    return shown("LossGradient", u.loss_and_gradient(one, data, loss=loss))


@kind()
def line_max_margin(i: int) -> Any:
    return shown("MaxMargin", u.max_margin(large(i) if i % 5 == 4 else sample(i)))


@kind()
def line_kkt_certificate(i: int) -> Any:
    tolerance = 1e-9 if i < 60 else 1e-7
    method = ("auto", "blocks", "projection")[i // 20 % 3]
    found = u.kkt_certificate(*case(i), tolerance=tolerance, method=method)
    return shown("KktCertificate", found)


@kind()
def line_local_minimum_certificate(i: int) -> Any:
    return shown("LocalMinimum", u.local_minimum_certificate(*case(i)))


@kind()
def line_global_minimum_certificate(i: int) -> Any:
    return shown("GlobalMinimum", u.global_minimum_certificate(*case(i)))


@kind()
def line_certify(i: int) -> Any:
    return shown("Standing", u.certify(*case(i)))


@kind()
def line_recheck(i: int) -> Any:
    """Replay a certificate on its own net, and on another one where that is possible."""
    found, (one, data) = certificate(i), case(i)
    other = nudged(one, i, 1e-4)
    return [shown("Recheck", u.recheck(found, some, data)) for some in (one, other)]


@kind()
def line_structure(i: int) -> Any:
    return shown("Structure", u.structure(*fitting(i)))


@kind()
def line_theorem_3_1(i: int) -> Any:
    options = {"p": 0.2, "density": density(i)} if i % 4 == 3 else {}
    one, data = (deep(i), sample(i)) if i % 20 == 9 else case(i)
    return shown("TheoremReport", u.theorem_3_1(one, data, 0.1, **options))


@kind()
def line_theorem_3_2(i: int) -> Any:
    options = {"p": 0.2, "density": density(i)} if i % 4 == 3 else {}
    one, data = (deep(i), sample(i)) if i % 20 == 9 else case(i)
    return shown("TheoremReport", u.theorem_3_2(one, data, 0.1, **options))


@kind()
def line_nearest_neighbour_clean_error(i: int) -> Any:
    data = large(i) if i % 2 else sample(i)
    shape = density(i) if i % 4 == 3 else None
    return shown("CleanError", u.nearest_neighbour_clean_error(data, density=shape))


@kind()
def line_proof_move(i: int) -> Any:
    """Move on every segment that the propositions speak about."""
    one, data = zigzag(i) if i % 4 else fitting(i)
    y = data.y
    segments = [k for k in range(len(y) - 1) if y[k] > 0.0 and y[k + 1] > 0.0]
    segments += [k for k in range(1, len(y) - 1) if y[k - 1] > 0.0 > y[k] and y[k + 1] > 0.0]
    return [shown("Move", u.proof_move(one, data, k)) for k in sorted(segments)[:4]]


@kind()
def line_two_neuron_move(i: int) -> Any:
    one = ordinary(seeded(9, i), 4)
    one = u.ReluNet(one.v, np.abs(one.w), one.b)
    equation = ("10", "12", "14")[i % 3]
    return shown("Move", u.two_neuron_move(one, i % 4, (i + 1) % 4, equation, 0.125))


@cache
def followed(i: int) -> tuple[u.Trajectory, u.Sample]:
    rng = seeded(10, i)
    m = 4 + i % 5
    data = u.Sample.from_arrays(rng.random(m), np.where(np.arange(m) % 3 == 1, -1.0, 1.0))
    start = u.init_network(data, scheme="pytorch" if i % 4 == 3 else "spread", rng=rng)
    options = {"method": "gd", "steps": 2000} if i % 7 == 6 else {}
    loss = "exponential" if i % 5 == 4 else "logistic"
    return u.gradient_flow(start, data, loss=loss, **options), data


@kind(20)
def line_gradient_flow(i: int) -> Any:
    return shown("Trajectory", followed(i)[0])


@kind(20)
def line_gradient_flow_resumed(i: int) -> Any:
    """Stop a run half way, write it, read it, and go on."""
    run, data = followed(i)
    steps = len(run.log_times) // 2
    options: dict[str, Any] = {"method": run.method, "loss": run.loss}
    half = u.gradient_flow(run.snapshots[0], data, steps=steps, **options)
    again = written(half, u.Trajectory, "run.npz")
    options |= {"resume": again, "steps": steps + 20}
    return shown("Trajectory", u.gradient_flow(again.net, data, **options))


@kind(20)
def line_kkt_point(i: int) -> Any:
    run, data = followed(i)
    return shown("KktPoint", u.kkt_point(run.net, data))


@kind(20)
def line_search_kkt_points(i: int) -> Any:
    data = u.Sample.from_arrays(sample(5 * i).x[:6], sample(5 * i).y[:6])
    orientation = ("both", "right", "left")[i % 3]
    found = u.search_kkt_points(data, count=4, rng=i, orientation=orientation, draws=8)
    return shown("FoundPoint", found)


@kind(5)
def line_train_network(i: int) -> Any:
    data = u.draw_sample(6 + i, 0.3, rng=i)
    shape = density(1) if i == 4 else None
    scheme = "pytorch" if i == 3 else "spread"
    return shown("TrainedNet", u.train_network(data, rng=100 + i, scheme=scheme, density=shape))


@kind(20)
def line_run_study(i: int) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "study.csv"
        rows = list(u.run_study([10, 30 + i], [0.1, 0.3], [i], path))
        again = list(u.run_study([10, 30 + i], [0.1, 0.3], [i], path))
    return shown("StudyRow", rows), shown("StudyRow", again)


@kind(2)
def line_counterexamples(i: int) -> Any:
    found = (counterexamples.proposition_a_4, counterexamples.theorem_3_2_lower_bound)[i]()
    values = [found.value(Fraction(k, 7)) for k in range(8)]
    conditions = shown("Condition", found.conditions())
    return shown("Counterexample", found), values, found.clean_error(), conditions


@kind()
def line_save_load(i: int) -> Any:
    """Write nets and samples, read them, and look at the arrays in the files."""
    one, data = any_net(i), sample(i)
    nets = written(one, type(one), "net.npz"), contents(one, "net.npz")
    samples = [shown("Sample", written(data, u.Sample, name)) for name in ("data.npz", "data.csv")]
    return (
        shown("Net", nets[0]),
        nets[1],
        samples,
        contents(data, "data.npz"),
        contents(data, "data.csv"),
    )


def written(found: Any, reader: Any, name: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        found.save(Path(folder) / name)
        return reader.load(Path(folder) / name)


def contents(found: Any, name: str) -> Any:
    """Return the text of a .csv file, or the arrays of a .npz file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        found.save(path)
        if path.suffix == ".csv":
            return path.read_text(encoding="utf-8")
        with np.load(path, allow_pickle=False) as archive:
            return [(name, archive[name]) for name in archive.files]


# Inputs on the sphere


@cache
def ball(i: int) -> h.SphereSample:
    """Return 3 to 10 unit vectors in 3 to 200 dimensions, or orthonormal ones; few without a −1."""
    rng = seeded(11, i)
    m = 3 + (i + i // 10) % 8
    d = (3, 12, 40, 200, m + 2)[i // 10 % 5]
    X = rng.standard_normal((m, d))
    X = np.linalg.qr(X.T)[0].T if d == m + 2 else X / np.linalg.norm(X, axis=1, keepdims=True)
    y = np.where(rng.random(m) < 0.2, -1.0, 1.0)
    y[0] = 1.0 if i % 12 == 11 else -1.0
    return h.SphereSample.from_arrays(X, y, p=0.2)


def two_layers(rng: np.random.Generator, n: int, d: int, *, bias: bool = True) -> h.TwoLayerNet:
    b = 0.5 * rng.standard_normal(n) if bias else None
    return h.TwoLayerNet(rng.standard_normal(n), rng.standard_normal((n, d)), b)


def three_layers(rng: np.random.Generator, n: int, d: int) -> h.ThreeLayerNet:
    W2, b2 = rng.standard_normal((n, n + 1)), rng.standard_normal(n)
    return h.ThreeLayerNet(rng.standard_normal(n), W2, b2, rng.standard_normal((n + 1, d)), None)


def sphere_net(i: int, d: int) -> h.Network:
    """Return a net whose errors are rare for every other i, of three layers for every fifth."""
    rng = seeded(12, i)
    n = 2 + i % 13
    if i % 5 == 4:
        return three_layers(rng, n, d)
    one = two_layers(rng, n, d, bias=i % 7 != 6)
    if i % 2 or one.b is None:
        return one
    return h.TwoLayerNet(np.abs(one.v) * np.sign(one.b), one.W / np.sqrt(d), one.b)


def counts(data: h.SphereSample) -> tuple[int, int]:
    plus = int(np.sum(data.y > 0.0))
    return plus, data.size - plus


SphereCase = tuple[h.TwoLayerNet, h.SphereSample]


def bounded(i: int) -> SphereCase:
    data = ball(i)
    best = h.optimum_bounds(data).net
    return best or h.orthogonal_limit(*counts(data)).net(data.X, data.y), data


def limiting(i: int) -> SphereCase:
    data = ball(i)
    return h.orthogonal_limit(*counts(data)).net(data.X, data.y), data


def benign(i: int) -> SphereCase:
    return h.benign_interpolator(ball(i), 2 + i // 10).net, ball(i)


@cache
def trained(i: int) -> SphereCase:
    """Return the end of a short run, with outputs ±1 where i ends in 9."""
    free, data = i % 10 != 9, ball(i)
    start = h.init_network(8, data.dimension, train_output=free, bias=i % 4 != 3, rng=i)
    return h.gradient_flow(start, data, flow_time=20.0, train_output=free).net, data


def polished(i: int) -> SphereCase:
    one, data = trained(i)
    return h.kkt_point(one, data).net, data


def nearly_polished(i: int) -> SphereCase:
    one, data = polished(i)
    factors = 1.0 + 10.0 ** -(2 + i // 10) * seeded(13, i).standard_normal(one.width)
    return h.TwoLayerNet(one.v * factors, one.W, one.b), data


def catastrophic(i: int) -> SphereCase:
    return h.catastrophic_kkt_point(ball(i)).net, ball(i)


def biasless(i: int) -> SphereCase:
    """Return the rational counterexamples, and random pairs of neurons."""
    if i < 20:
        found = h.RATIONAL_COUNTEREXAMPLES[i // 10]
        return found.network(), found.sample()
    return two_layers(seeded(14, i), 2, ball(i).dimension, bias=False), ball(i)


def random(i: int) -> SphereCase:
    return two_layers(seeded(15, i), 6, ball(i).dimension), ball(i)


def linear(i: int) -> SphereCase:
    """Return two neurons that are a linear function together, which fits where that is possible."""
    data = ball(i)
    w = np.linalg.lstsq(data.X, data.y)[0]
    return h.TwoLayerNet([1.0, -1.0], [w, -w]), data


SPHERE_CASES = (
    bounded,
    limiting,
    benign,
    trained,
    polished,
    nearly_polished,
    catastrophic,
    biasless,
    random,
    trained,
)


@cache
def sphere_case(i: int) -> SphereCase:
    return SPHERE_CASES[i % len(SPHERE_CASES)](i)


def quick_error(one: h.Network, i: int) -> h.Estimate:
    return h.clean_error(one, method="points", samples=400, rng=i)


# Results on the sphere


@kind()
def sphere_draw_sphere_sample(i: int) -> Any:
    distribution = ("sphere", "gaussian", "ball")[i % 3]
    found = h.draw_sphere_sample(2 + i % 20, 2 + i, i / 99, rng=i, distribution=distribution)
    return shown("SphereSample", found)


@kind()
def sphere_near_orthogonality(i: int) -> Any:
    data = ball(i)
    distribution = ("sphere", "gaussian", "ball")[i % 3]
    data = h.SphereSample.from_arrays(data.X, data.y, p=0.1, distribution=distribution)
    return shown("NearOrthogonality", data.near_orthogonality(0.01 * (1 + i % 90)))


@kind()
def sphere_init_network(i: int) -> Any:
    scheme = ("pytorch", "he")[i // 2 % 2]
    options = {"depth": 2 + i % 2, "bias": i % 3 != 2, "train_output": i % 5 != 4}
    return shown("Net", h.init_network(2 + 2 * (i % 9), 3 + i, scheme=scheme, rng=i, **options))


@kind()
def sphere_network(i: int) -> Any:
    one = sphere_net(i, 3 + i % 20)
    X = seeded(16, i).standard_normal((9, one.dimension))
    return one(X), one.gradient(X), one.norm_squared, one.widths, one.depth


@kind()
def sphere_network_from_torch(i: int) -> Any:
    one = sphere_net(i, 3 + i % 20)
    hidden = [(one.W, one.b)] if one.depth == 2 else [(one.W1, one.b1), (one.W2, one.b2)]
    state = {}
    for k, (weight, bias) in enumerate([*hidden, (one.v[None, :], None)]):
        state |= {f"{k}.weight": weight} | ({} if bias is None else {f"{k}.bias": bias})
    return shown("Net", h.network_from_torch(state))


@kind(30)
def sphere_gradient_flow(i: int) -> Any:
    """Follow the flow, or descend; every third run is written, read and taken up again."""
    data, options = ball(10 + 3 * i), flow_options(i)
    width = 6 if i % 6 else (5, 4)
    start = h.init_network(width, data.dimension, depth=2 + (i % 6 == 0), rng=i)
    goal = {"flow_time": 4.0} if i % 3 == 0 else {"margin": 3.0, "kkt_residual": 0.3, "steps": 500}
    run = h.gradient_flow(start, data, record=(1.0, 2.5), **goal, **options)
    if i % 3:
        return shown("SphereTrajectory", run)
    options.pop("rng", None)
    again = written(run, h.Trajectory, "run.npz")
    more = h.gradient_flow(again.net, data, flow_time=6.0, resume=again, **options)
    return shown("SphereTrajectory", more)


def flow_options(i: int) -> dict[str, Any]:
    loss, dtype = ("logistic", "exponential")[i % 2], ("float64", "float32")[i // 5 % 2]
    shared = {"loss": loss, "dtype": dtype, "space": ("auto", "gram", "weights")[i % 3]}
    method = ("flow", "flow", "gd", "sgd", "euler")[i % 5]
    if method == "sgd":
        return shared | {"method": method, "batch_size": 2, "rng": i}
    return shared | {"method": method, "measure": (lambda one: float(quick_error(one, i)))}


@kind()
def sphere_clean_error_arcs(i: int) -> Any:
    return shown("Estimate", h.clean_error(sphere_net(i, 2), method="arcs"))


@kind()
def sphere_clean_error_circles(i: int) -> Any:
    found = h.clean_error(sphere_net(i, 3 + i % 9), method="circles", samples=64, rng=i)
    return shown("Estimate", found)


@kind()
def sphere_clean_error_lines(i: int) -> Any:
    found = h.clean_error(sphere_net(i, 3 + i), method="lines", samples=32, rng=i)
    return shown("Estimate", found)


@kind()
def sphere_clean_error_points(i: int) -> Any:
    found = h.clean_error(sphere_net(i, 3 + i), method="points", samples=500, rng=i, level=0.9)
    return shown("Estimate", found)


@kind()
def sphere_clean_error_auto(i: int) -> Any:
    precision = 0.2 if i % 4 == 3 else None
    found = h.clean_error(sphere_net(i, 2 + i % 30), samples=64, rng=i, precision=precision)
    return shown("Estimate", found)


@kind()
def sphere_width_two_clean_error(i: int) -> Any:
    one = two_layers(seeded(17, i), 1 + i % 2, 2 + i % 30, bias=False)
    return shown("Estimate", h.width_two_clean_error(one))


@kind()
def sphere_benign_interpolator(i: int) -> Any:
    return shown("BenignInterpolator", h.benign_interpolator(ball(i), 2 + i % 7))


@kind()
def sphere_catastrophic_kkt_point(i: int) -> Any:
    """Return the point of orthonormal data, or of others for every tenth."""
    data = ball(i if i % 10 == 0 else 40 + i % 10)
    if i % 10:
        turn = np.linalg.qr(seeded(18, i).standard_normal((data.dimension, data.dimension)))[0]
        data = h.SphereSample.from_arrays(data.X @ turn, data.y)
    return shown("Catastrophic", h.catastrophic_kkt_point(data, rng=i))


@kind()
def sphere_orthonormal_clean_error(i: int) -> Any:
    return shown("Estimate", h.orthonormal_clean_error(i // 10, i % 10))


@kind()
def sphere_orthogonal_limit(i: int) -> Any:
    data = ball(i)
    found = h.orthogonal_limit(*counts(data))
    values = [found.predicted_clean_error(d) for d in (2, 10, 100, 10_000)]
    return shown("OrthogonalLimit", found), values, shown("Net", found.net(data.X, data.y))


@kind()
def sphere_kkt_certificate(i: int) -> Any:
    options = {"kink_tolerance": 1e-8} if i >= 80 else {}
    found = h.kkt_certificate(*sphere_case(i), train_output=i % 10 != 9, **options)
    return shown("SphereCertificate", found)


@kind(30)
def sphere_kkt_point(i: int) -> Any:
    one, data = trained(100 + i)
    found = h.kkt_point(one, data, train_output=i % 10 != 9, most_cells=1 + 10 * i)
    return shown("SphereKktPoint", found)


@kind(30)
def sphere_optimum_bounds(i: int) -> Any:
    data, bias = ball(3 * i), i % 3 != 2
    nets = [two_layers(seeded(19, i), 4, data.dimension, bias=bias)]
    return shown("OptimumBounds", h.optimum_bounds(data, nets, bias=bias))


@kind()
def sphere_dual_bound(i: int) -> Any:
    lam = seeded(20, i).random(ball(i).size)
    return shown("DualBound", h.dual_bound(ball(i), lam, bias=i % 3 != 2))


@kind()
def sphere_theorem_4_1(i: int) -> Any:
    one, data = sphere_case(i)
    options = {} if i % 25 == 0 else {"error": quick_error(one, i)}
    return shown("StatementReport", h.theorem_4_1(one, data, epsilon=0.05, rng=i, **options))


@kind()
def sphere_theorem_4_3(i: int) -> Any:
    one, data = sphere_case(i)
    options = {} if i % 25 == 0 else {"error": quick_error(one, i)}
    return shown("StatementReport", h.theorem_4_3(one, data, epsilon=0.05, rng=i, **options))


@kind()
def sphere_proposition_4_4(i: int) -> Any:
    one, data = (linear, biasless, catastrophic, limiting)[i % 4](i)
    return shown("StatementReport", h.proposition_4_4(one, data, rng=i))


@kind()
def sphere_proposition_4_5(i: int) -> Any:
    one = two_layers(seeded(21, i), 1 + i % 4, 2 + i % 5, bias=i % 20 == 19)
    return shown("StatementReport", h.proposition_4_5(one, rng=i))


@kind()
def sphere_proposition_4_5_counterexample(i: int) -> Any:
    slope = 100.0 if i % 4 == 3 else None
    return shown("SmallErrorNet", h.proposition_4_5_counterexample(ball(i), slope=slope, rng=i))


@kind(2)
def sphere_rational_counterexamples(i: int) -> Any:
    found = h.RATIONAL_COUNTEREXAMPLES[i]
    return shown("RationalCounterexample", found), shown("Net", found.network()), found.sample().X


@kind()
def sphere_proposition_4_6(i: int) -> Any:
    return shown("StatementReport", h.proposition_4_6(ball(40 + i % 10 + 50 * (i // 50)), rng=i))


@kind()
def sphere_save_load(i: int) -> Any:
    one, data = sphere_net(i, 3 + i % 20), ball(i)
    again = written(one, type(one), "net.npz"), written(data, h.SphereSample, "data.npz")
    files = contents(one, "net.npz"), contents(data, "data.npz")
    return shown("Net", again[0]), shown("SphereSample", again[1]), files


@kind(12)
def sphere_preset(i: int) -> Any:
    runs = h.preset(list(h.PRESETS)[i // 3], ("quick", "two-core", "paper")[i % 3])
    return [one.to_dict() for one in runs]


@cache
def swept() -> list[dict[str, Any]]:
    shared = {"m": 8, "width": 6, "flow_time": 4.0, "error_samples": 500}
    runs = h.grid(d=(4, 30), p=(0.1, 0.3), seed=(0, 1), **shared)
    runs += h.grid(d=20, p=0.2, depth=3, **shared)
    runs += h.grid(d=20, p=0.2, method="sgd", batch_size=4, **shared)
    with tempfile.TemporaryDirectory() as folder:
        rows = h.sweep(runs, Path(folder) / "rows.sqlite")
    return [document(row) for row in rows]


@kind(10)
def sphere_sweep(i: int) -> Any:
    return swept()[i]


# The two commands

LINE_COMMANDS = (
    ("report", "--m", "40", "--p", "0.2", "--rng", "3"),
    ("report", "--m", "25", "--p", "0.3", "--density", "beta(2, 5)", "--delta", "0.1"),
    ("report", "--m", "7", "--p", "0.3", "--rng", "5", "--trained"),
    ("train", "--m", "6", "--p", "0.3", "--rng", "2"),
    ("audit", "net.npz", "data.npz", "--p", "0.3"),
)
SPHERE_COMMANDS = (
    ("report", "--m", "12", "--d", "40", "--p", "0.2", "--width", "10", "--rng", "1", "--polish"),
    ("report", "--m", "10", "--d", "60", "--p", "0.2", "--width", "6", "--fixed-output"),
    ("audit", "net.npz", "data.npz"),
)


@cache
def reported(package: str, arguments: tuple[str, ...]) -> tuple[Any, str]:
    """Return the JSON that a command writes and the text that it prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        one, data = wide(8) if package == "univariate" else biasless(37)
        one.save(folder / "net.npz")
        data.save(folder / "data.npz")
        command = [sys.executable, "-m", package, *arguments, "--no-figure"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        text = (folder / f"{arguments[0]}.json").read_text(encoding="utf-8")
    return document(json.loads(text)), done.stdout.replace(str(folder), "folder")


@kind(len(LINE_COMMANDS))
def line_report_json(i: int) -> Any:
    return reported("univariate", LINE_COMMANDS[i])[0]


@kind(len(LINE_COMMANDS))
def line_report_screen(i: int) -> Any:
    return Words(reported("univariate", LINE_COMMANDS[i])[1])


@kind(len(SPHERE_COMMANDS))
def sphere_report_json(i: int) -> Any:
    return reported("highdim", SPHERE_COMMANDS[i])[0]


@kind(len(SPHERE_COMMANDS))
def sphere_report_screen(i: int) -> Any:
    return Words(reported("highdim", SPHERE_COMMANDS[i])[1])


# The command line of this script


def outcome(name: str, make: Make, i: int) -> Any:
    """Return a result, or what was raised instead of one."""
    try:
        return make(i)
    except Exception as error:
        if not is_refusal(error):
            print(f"{name} {i}: {type(error).__name__}: {error}", file=sys.stderr)
        return "raised", type(error).__name__, Words(error)


def is_refusal(error: Exception) -> bool:
    """Whether the package speaks: it names an argument between backticks, or gives up."""
    defects = ZeroDivisionError, OverflowError, FloatingPointError
    gives_up = isinstance(error, ArithmeticError) and not isinstance(error, defects)
    return gives_up or (isinstance(error, ValueError) and "`" in str(error))


def results(names: Iterable[str], words: bool) -> Iterator[tuple[str, int, str]]:
    for name in names:
        count, make = KINDS[name]
        start = time.perf_counter()
        for i in range(count):
            yield name, i, digest(outcome(name, make, i), words)
        print(f"{time.perf_counter() - start:6.1f} s  {name}", file=sys.stderr)


def read(path: Path) -> Lines:
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {(name, int(index)): found for name, index, found in rows}


def differing(before: Lines, after: Lines) -> int:
    """Print for every kind how many lines agree and which differ; return how many differ."""
    total = 0
    for name in dict.fromkeys(name for name, _ in (*before, *after)):
        indices = sorted({i for one, i in (*before, *after) if one == name})
        wrong = [i for i in indices if before.get((name, i)) != after.get((name, i))]
        total += len(wrong)
        print(f"{name}: {len(indices) - len(wrong)} of {len(indices)} agree", end="")
        print(f"; these differ: {', '.join(map(str, wrong))}" if wrong else "")
    print(f"{total} lines differ" if total else "all lines agree")
    return total


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--no-words", action="store_true", help="leave prose out of the digests")
    parser.add_argument("--compare", type=Path, metavar="OLD", help="compare with this output")
    parser.add_argument("--only", nargs="+", choices=KINDS, metavar="KIND", help="these kinds only")
    return parser.parse_args()


def main() -> int:
    given = options()
    names = given.only or list(KINDS)
    before = None if given.compare is None else read(given.compare)
    print(f"fingerprints of {Path(u.__file__).parent.parent}", file=sys.stderr)
    found = results(names, not given.no_words)
    if before is None:
        for line in found:
            print(*line, flush=True)
        return 0
    if given.only:
        before = {key: line for key, line in before.items() if key[0] in names}
    return int(differing(before, {(name, i): new for name, i, new in found}) > 0)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
