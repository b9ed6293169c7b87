"""One fitted pair: a net with a sample is evaluated once, however many questions are asked."""

import gc
from collections import Counter

import numpy as np
import pytest

import univariate as u
from univariate.problem import fitted
from univariate.problem.fitted import Fitted, ShallowFitted

LAYERS = (
    (np.array([[1.0], [-1.0]]), np.array([-0.25, 0.5])),
    (np.array([[1.0, -2.0], [0.5, 1.0]]), np.array([0.25, -0.125])),
    (np.array([[1.0, 1.0]]), np.array([0.5])),
)


class Sweeps:
    """How often each net was evaluated on the inputs of a sample, by its parameters' bytes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counts: Counter[bytes] = Counter()
        monkeypatch.setattr(fitted, "evaluate", self._counting(fitted.evaluate))
        monkeypatch.setattr(fitted, "evaluate_deep", self._counting(fitted.evaluate_deep))

    def _counting(self, evaluate):
        def counting(*arguments):
            self.counts[key(*arguments[:-1])] += 1
            return evaluate(*arguments)

        return counting

    def of(self, net: u.Network) -> int:
        if isinstance(net, u.ReluNet):
            return self.counts[key(net.v, net.w, net.b)]
        return self.counts[key(net.layers)]


def key(*parts) -> bytes:
    if isinstance(parts[0], tuple):
        parts = [array for pair in parts[0] for array in pair]
    return b"".join(np.ascontiguousarray(part).tobytes() for part in parts)


@pytest.fixture
def sweeps(monkeypatch):
    return Sweeps(monkeypatch)


def nets(sample: u.Sample) -> dict[str, u.ReluNet]:
    """Nets at different levels: their certificates ask different questions."""
    best = u.max_margin(sample).net
    parts = best.v, best.w, best.b
    rng = np.random.default_rng(0)
    halves = [np.concatenate([part, part]) / 2.0**0.5 for part in parts]
    shaken = best.v * (1.0 + 1e-3 * rng.standard_normal(best.width))
    return {
        "global minimum": best,
        "with a zero neuron": u.ReluNet(
            *(np.append(part, 0.0) for part in (best.v, best.w, best.b))
        ),
        "split": u.ReluNet(*halves),
        "feasible": u.ReluNet(shaken, best.w, best.b),
        "infeasible": u.ReluNet(-best.v, best.w, best.b),
    }


NAMES = ("global minimum", "with a zero neuron", "split", "feasible", "infeasible")


@pytest.fixture(scope="module")
def sample():
    return u.draw_sample(40, 0.2, rng=3)


@pytest.mark.core
@pytest.mark.parametrize("name", NAMES)
def test_one_certificate_evaluates_a_net_once(name, sample, sweeps):
    net, optimum = nets(sample)[name], u.max_margin(sample)
    sweeps.counts.clear()
    standing = u.certify(net, sample, optimum=optimum)
    assert sweeps.of(net) == 1
    for certificate in (standing.kkt, standing.local_minimum, standing.global_minimum):
        sweeps.counts.clear()
        u.recheck(certificate, net, sample)
        assert sweeps.of(net) == (certificate.verdict is not u.Verdict.UNDECIDED)


@pytest.mark.parametrize("name", NAMES[1:])
def test_one_report_evaluates_a_net_once(name, sample, sweeps):
    net, optimum = nets(sample)[name], u.max_margin(sample)
    sweeps.counts.clear()
    u.build_report(net, sample, optimum=optimum)
    assert sweeps.of(net) == 1


def test_the_report_on_the_optimum_evaluates_it_once(sample, sweeps):
    optimum = u.max_margin(sample)
    sweeps.counts.clear()
    u.build_report(optimum.net, sample, optimum=optimum)
    assert sweeps.counts == {key(optimum.net.v, optimum.net.w, optimum.net.b): 1}


def test_one_report_evaluates_a_deep_net_once(sample, sweeps):
    net = u.DeepReluNet(LAYERS)
    u.build_report(net, sample)
    assert sweeps.of(net) == 1


def test_a_trained_net_and_its_point_are_evaluated_once_each(sweeps):
    sample = u.draw_sample(8, 0.3, rng=1)
    run = u.gradient_flow(u.init_network(sample, rng=2), sample, margin=20.0)
    optimum = u.max_margin(sample)
    sweeps.counts.clear()
    found = u.TrainedNet.of(run, sample, optimum=optimum)
    assert found.point is not None
    assert (sweeps.of(run.net), sweeps.of(found.point.net)) == (1, 1)


def test_what_is_known_of_a_pair_is_computed_once(sample):
    fit = Fitted.of(u.max_margin(sample).net, sample)
    assert isinstance(fit, ShallowFitted)
    names = ("margins", "interpolation", "smallest_margin", "norm_squared", "parameters", "cut")
    assert all(getattr(fit, name) is getattr(fit, name) for name in names)


def test_a_pair_is_recognised_by_its_parts(sample):
    net = u.max_margin(sample).net
    pair = Fitted.of(net, sample)
    assert pair.subject == Fitted.of(u.ReluNet(net.v, net.w, net.b), sample).subject
    others = [
        Fitted.of(u.ReluNet(net.v, net.w, np.nextafter(net.b, np.inf)), sample),
        Fitted.of(net, u.Sample(sample.x, -sample.y)),
        Fitted.of(net, u.Sample(np.nextafter(sample.x, np.inf), sample.y)),
        Fitted.of(u.DeepReluNet(net.layers), sample),
    ]
    assert pair.subject not in {other.subject for other in others}


def test_results_hold_no_pair(sample):
    """What is cached of a pair is freed with the question."""
    standing = u.certify(u.max_margin(sample).net, sample)
    gc.collect()
    assert standing.level == "global minimum"
    # by type: proxies of other packages answer isinstance with a warning
    assert not any(issubclass(type(one), Fitted) for one in gc.get_objects())


def test_a_pair_is_checked_at_the_door(sample):
    with pytest.raises(TypeError, match="`net` must be a ReluNet or DeepReluNet, got str"):
        Fitted.of("net", sample)
    with pytest.raises(TypeError, match="2-layer nets without output bias; got DeepReluNet"):
        ShallowFitted.of(u.DeepReluNet(LAYERS), sample)
    with pytest.raises(TypeError, match="`sample` must be a Sample, got tuple"):
        Fitted.of(u.DeepReluNet(LAYERS), (1.0, 2.0))
