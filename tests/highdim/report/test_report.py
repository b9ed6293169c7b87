"""Reports on the sphere: their numbers, their JSON, their words on a terminal."""

import io
import json
from dataclasses import fields, replace
from math import inf

import numpy as np
import pytest
from rich.console import Console

import highdim
from highdim import SphereSample, ThreeLayerNet, TwoLayerNet
from highdim.optimum.optimum_bounds import optimum_bounds
from highdim.paper.plane import width_two_clean_error
from highdim.paper.propositions import proposition_4_4, proposition_4_5
from highdim.paper.theorem_4_1 import theorem_4_1
from highdim.paper.theorem_4_3 import theorem_4_3
from highdim.report.facts import FitFacts, NetFacts
from highdim.report.finding import estimated, probability, regime, why_not
from highdim.report.parts import PRECISION
from highdim.report.report import Report, build_report, write_json
from highdim.report.screens.statements import chosen
from highdim.report.screens.terminal import render
from highdim.standing.kkt import kkt_certificate
from highdim.standing.kkt_point import kkt_point
from highdim.standing.unpolished import UnsolvedCellError
from univariate.common.claim import Kind, Source
from univariate.common.result import Verdict

OPTIONS = {"epsilon": 0.02, "delta": 0.1, "p": 0.25}


def trained(m=16, d=60, p=0.2, *, width=8, seed=0, time=60.0, **kind):
    sample = highdim.draw_sphere_sample(m, d, p, rng=seed)
    start = highdim.init_network(width, d, rng=seed + 50, **kind)
    run = highdim.gradient_flow(
        start, sample, flow_time=time, train_output=kind.get("train_output", True)
    )
    return run, sample


def two_neurons():
    """A bias-less net of two neurons that fits: w = ±Σ x_i over each label."""
    sample = highdim.draw_sphere_sample(6, 400, 0.4, rng=3)
    return optimum_bounds(sample, bias=False).net, sample


def zero_biases():
    net, sample = two_neurons()
    return TwoLayerNet(net.v, net.W, np.zeros(2)), sample


def applies():
    """A sample with a single label −1 and a KKT point on it, to which Theorem 4.1 applies."""
    drawn = highdim.draw_sphere_sample(130, 5000, 0.0, rng=3)
    sample = SphereSample(drawn.X, np.where(np.arange(130) == 7, -1.0, 1.0), 1.0 / 130)
    return kkt_point(optimum_bounds(sample).net, sample).net, sample


def of_run(**kind):
    run, sample = trained(**kind)
    return run.net, sample


NETS = {
    "biased": of_run,
    "fixed outputs": lambda: of_run(train_output=False),
    "no biases": lambda: of_run(bias=False, d=200, width=12),
    "two neurons": two_neurons,
    "zero biases": zero_biases,
    "fixed, zero biases": lambda: (
        TwoLayerNet([1.0, -1.0], np.eye(2, 9), [0.0, 0.0]),
        orthonormal(),
    ),
    "three layers": lambda: of_run(depth=3, time=20.0),
    "three layers, no biases": lambda: of_run(depth=3, bias=False, time=20.0),
    "misfit": lambda: of_run(time=0.001),
    "applies": applies,
    "plane": lambda: of_run(m=4, d=2, seed=7, width=20, time=200.0),
    "one datum": lambda: (
        TwoLayerNet([2.0], [[1.0, 0.0]], [0.5]),
        SphereSample([[1.0, 0.0]], [1.0]),
    ),
    "only −1": lambda: of_run(p=1.0, time=10.0),
}


def orthonormal() -> SphereSample:
    return SphereSample(np.eye(2, 9), [1.0, -1.0])


@pytest.fixture(scope="module", params=NETS)
def report(request) -> Report:
    net, sample = NETS[request.param]()
    return build_report(net, sample, rng=4, polish=request.param != "applies", **OPTIONS)


@pytest.fixture(scope="module")
def biased() -> Report:
    run, sample = trained()
    return build_report(
        run.net, sample, rng=4, run=run, origin={"seed": 3, "command": "highdim report"}, **OPTIONS
    )


def strictly_parsed(path):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def screen(report, **options) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100, highlight=False, **options).print(render(report))
    return stream.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


# Numbers


def test_every_part_is_what_its_function_gives(report):
    net, sample = report.net, report.sample
    assert report.near_orthogonality == sample.near_orthogonality(0.1, p=0.25)
    plus = int(np.sum(sample.y > 0.0))
    assert report.limit == highdim.orthogonal_limit(plus, sample.size - plus)
    assert report.predicted_clean_error == report.limit.predicted_clean_error(sample.dimension)
    assert report.net_facts.norm_squared == net.norm_squared
    if isinstance(net, ThreeLayerNet):
        assert report.clean_error == highdim.clean_error(net, rng=4, precision=PRECISION)
        assert report.statements == ()
        assert all(
            "3 layers" in report.missing[name]
            for name in ("kkt", "optimum", "theorem_4_1", "proposition_4_5")
        )
        return
    biased, fixed = net.b is not None, bool(np.all(np.abs(net.v) == 1.0))
    assert report.kkt == kkt_certificate(net, sample)
    assert report.optimum == optimum_bounds(sample, [net], bias=biased)
    assert (report.fixed_kkt is None) != fixed
    known = {"error": report.clean_error, **OPTIONS}
    if biased:
        assert report.theorem_4_1 == theorem_4_1(net, sample, **known)
    if biased and fixed:
        assert report.fixed_kkt == kkt_certificate(net, sample, train_output=False)
        assert report.theorem_4_3 == theorem_4_3(net, sample, **known)
    if not biased or not np.any(net.b):
        assert report.proposition_4_5 == proposition_4_5(net, rng=4)
        if net.width <= 2:
            assert report.proposition_4_4 == proposition_4_4(net, sample, rng=4)
            assert report.clean_error == width_two_clean_error(net)
    else:
        assert report.clean_error == highdim.clean_error(net, rng=4, precision=PRECISION)


def test_what_is_missing_has_a_reason(report):
    absent = {field.name for field in fields(report) if getattr(report, field.name) is None}
    assert absent - {"run"} == set(report.missing)
    assert all(reason for reason in report.missing.values())


def test_which_statements_apply():
    kinds = {
        name: build_report(*NETS[name](), rng=0)
        for name in ("biased", "fixed outputs", "no biases", "two neurons")
    }
    names = {kind: [one.statement for one in found.statements] for kind, found in kinds.items()}
    assert names == {
        "biased": ["Theorem 4.1"],
        "fixed outputs": ["Theorem 4.3", "Theorem 4.1"],
        "no biases": ["Proposition 4.5"],
        "two neurons": ["Proposition 4.4", "Proposition 4.5"],
    }


def test_the_kkt_point_nearby_is_that_of_the_package():
    net, sample = NETS["biased"]()
    found = build_report(net, sample, rng=4, polish=True, **OPTIONS).nearby
    assert found.point.to_dict() == kkt_point(net, sample).to_dict()
    assert found.clean_error == highdim.clean_error(found.point.net, rng=4, precision=PRECISION)
    assert found.statement.statement == "Theorem 4.1"
    assert found.statement.quantities["clean_error"] == found.clean_error.value
    net, sample = NETS["fixed outputs"]()
    found = build_report(net, sample, polish=True).nearby
    assert not found.point.certificate.train_output
    assert found.statement.statement == "Theorem 4.3"


def test_a_kkt_point_that_cannot_be_had_is_said(monkeypatch):
    net, sample = NETS["misfit"]()
    found = build_report(net, sample, polish=True)
    assert (found.nearby, found.missing["nearby"]) == (None, "the net does not interpolate")

    def fail(*_, **__):
        raise UnsolvedCellError("the convex problem over the cell of `net` was not solved")

    monkeypatch.setattr("highdim.report.parts.kkt_point", fail)
    found = build_report(*NETS["biased"](), polish=True)
    assert found.nearby is None
    assert "none found: the convex problem over the cell" in flat(screen(found))


def test_an_enclosure_is_no_interval_of_a_confidence():
    run, sample = trained(m=8, d=3, width=6, time=20.0)
    found = build_report(run.net, sample)
    assert found.clean_error.method == "triangles"
    words = flat(screen(found))
    assert "enclosed in [" in words
    assert "100%" not in words


@pytest.mark.parametrize("name", ["kkt_point", "max_margin"])
def test_a_defect_is_no_reason_for_a_part_to_be_missing(monkeypatch, name):
    def fail(*_, **__):
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(f"highdim.report.parts.{name}", fail)
    with pytest.raises(ValueError, match="broadcast"):
        build_report(*NETS["biased"](), polish=True, solve=True)


def test_noise_level_is_that_given_then_that_known_then_that_seen():
    net, sample = NETS["biased"]()
    assert build_report(net, sample, p=0.4).p == 0.4
    assert build_report(net, sample).p == sample.p == 0.2
    assert build_report(net, replace(sample, p=None)).p == sample.noise_rate == 5 / 16


def test_facts_of_a_run(biased):
    run, _ = trained()
    facts = biased.run
    assert (facts.steps, facts.flow_time, facts.status) == (run.steps, 60.0, "time reached")
    assert facts.margin == pytest.approx(biased.interpolation.margin)
    assert facts.loss_reached == run.losses[-1]
    assert "107 steps to τ = 60: time reached" in screen(
        biased
    ) or f"{run.steps:,} steps to τ = 60" in screen(biased)


@pytest.mark.core
def test_fits_are_decided_beyond_rounding():
    sample = SphereSample([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0])
    third = 1.0 / 3.0
    nets = {
        Verdict.HOLDS: TwoLayerNet([1.0, -1.0], np.eye(2)),
        # N = 0 exactly at the second, whatever the order of its sums
        Verdict.FAILS: TwoLayerNet([1.0, third, -third], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]),
    }
    for verdict, net in nets.items():
        found = FitFacts.of(net, sample)
        assert found.verdict is verdict
        assert found.wrong == (verdict is not Verdict.HOLDS)
    assert (found.worst, found.label, found.margin) == (1, -1.0, 0.0)
    deep = ThreeLayerNet([1.0, -1.0], np.eye(2), None, np.eye(2), None)
    assert FitFacts.of(deep, sample).verdict is Verdict.HOLDS
    dead = ThreeLayerNet([1.0], [[1.0, 0.0]], None, -np.eye(2), None)
    assert FitFacts.of(dead, sample).verdict is Verdict.FAILS
    silent = TwoLayerNet([1.0, -1.0], [[-third, 0.1], [0.1, -third]], [-0.2, -0.2])
    assert FitFacts.of(silent, sample).verdict is Verdict.FAILS
    touching = TwoLayerNet([1.0, -1.0], [[-third, -1.0], [-1.0, 1.0]], [third, -0.2])
    assert FitFacts.of(touching, sample).verdict is Verdict.FAILS


def test_kinds_of_nets():
    assert (
        NetFacts.of(TwoLayerNet([1.0, -1.0], np.eye(2), [0.0, 0.0])).kind
        == "2-layer ReLU net with biases, outputs ±1"
    )
    plain = NetFacts.of(TwoLayerNet([1.0, -2.0], np.eye(2)))
    assert (plain.kind, plain.bias, plain.fixed_output) == (
        "2-layer ReLU net without biases",
        False,
        False,
    )
    deep = NetFacts.of(ThreeLayerNet([1.0], [[1.0]], [0.5], [[1.0, 0.0]], None))
    assert (deep.kind, deep.widths, deep.biased) == ("3-layer ReLU net with biases", (1, 1), True)
    assert not deep.fixed_output


# JSON


def test_json_is_strict_and_has_every_field(report, tmp_path):
    found = strictly_parsed(write_json(report, tmp_path / "report.json"))
    assert set(found) == {"schema", "versions", *(field.name for field in fields(Report))}
    assert found["schema"] == "highdim.report/2"
    assert set(found["versions"]) >= {"python", "numpy", "numba", "scipy", "tempered-overfitting"}
    assert found["finding"] == report.finding
    assert found["clean_error"]["value"] == report.clean_error.value
    for name in ("theorem_4_1", "theorem_4_3", "proposition_4_4", "proposition_4_5"):
        part = getattr(report, name)
        if part is not None:
            assert len(found[name]["hypotheses"]) == len(part.hypotheses)
            assert [one["claim"] for one in found[name]["steps"]] == [
                one.claim for one in part.steps
            ]
            assert found[name]["verdict"] == part.verdict.value


def test_same_input_same_bits(tmp_path):
    for name in ("biased", "no biases", "three layers"):
        net, sample = NETS[name]()
        paths = [tmp_path / "one.json", tmp_path / "two.json"]
        for path in paths:
            write_json(build_report(net, sample, rng=7), path)
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_json_does_not_grow_with_the_sample(tmp_path):
    sizes = []
    for m, width in ((70, 70), (140, 140)):
        run, sample = trained(m, 300, width=width, time=5.0)
        sizes.append(
            write_json(build_report(run.net, sample), tmp_path / "report.json").stat().st_size
        )
    assert max(sizes) < 30_000
    assert abs(sizes[1] - sizes[0]) < 600


def test_origin_is_kept(biased, tmp_path):
    found = strictly_parsed(write_json(biased, tmp_path / "report.json"))
    assert found["origin"] == {"seed": 3, "command": "highdim report"}
    assert found["run"]["method"] == "flow"


# Words


def test_terminal_report_fits_a_screen_and_ends_with_what_was_learnt(report):
    text = screen(report).rstrip("\n")
    lines = text.split("\n")
    assert len(lines) <= 45
    assert max(map(len, lines)) <= 100
    assert flat(text).endswith(report.finding)
    assert "\x1b" not in text
    for one in report.statements:
        assert one.statement in text


def test_terminal_report_is_coloured_on_a_terminal(biased):
    assert "\x1b[1;31mFAILS" in screen(biased, force_terminal=True, color_system="standard")


def test_screen_shows_numbers_of_the_report(biased):
    text = flat(screen(biased))
    best = biased.optimum
    assert f"{best.lower:.5g} ≤ ‖θ*‖² ≤ {best.upper:.5g} ({best.upper_source})" in text
    assert f"{biased.kkt.norm_squared:.5g} ({best.candidates['net 0']:.5g} balanced)" in text
    assert f"{biased.predicted_clean_error:.4g} predicted" in text
    assert "p = 0.25, seed 3" in text
    for one in biased.theorem_4_1.hypotheses:
        if one.verdict is Verdict.FAILS:
            assert f"{one.value:.3g} {one.relation} {one.threshold:.3g} {one.form} FAILS" in text


def test_the_limit_is_one_with_biases(biased):
    assert "predicted at the optimum with biases" in screen(build_report(*two_neurons()))
    assert "with biases," not in screen(biased)


def test_inputs_off_the_sphere_are_pointed_out():
    net, sample = NETS["biased"]()
    far = SphereSample(3.0 * sample.X, sample.y, 0.2)
    assert "‖x_i‖² is off 1 by up to 8; L_cl is about the unit sphere" in screen(
        build_report(net, far)
    )
    assert "the data are off the unit sphere" in build_report(net, far).finding
    assert "unit sphere" not in screen(build_report(net, sample))


def test_failing_hypotheses_come_first_and_the_conclusion_last(biased):
    found = biased.theorem_4_1
    failing = [one for one in found.hypotheses if not one.holds]
    for most in (4, len(failing) + 1, 12, 100):
        shown = chosen(found, most)
        assert len(shown) <= most
        assert shown[-1] is found.conclusion
        assert shown[: min(most - 1, len(failing))] == failing[: most - 1]
    assert any(one.claim.startswith("N(0) = ") for one in chosen(found, len(failing) + 2))
    assert len(chosen(found, 100)) == len(failing) + len(found.steps) + 1


def test_findings():
    benign = build_report(*of_run(m=30, d=1500, width=20), rng=0)
    assert benign.clean_error.high < 0.02
    bound = benign.theorem_4_1.quantities["epsilon_levy"]
    assert benign.finding.startswith(
        f"Benign here: L_cl ≈ {benign.clean_error.value:.3g} ≤ p/10, p = 0.2, because N(0) = "
    )
    assert f"dominates (it alone proves L_cl ≤ {bound:.2g})" in benign.finding
    assert "Theorem 4.1 does not apply here, as θ is not a KKT point (residual" in benign.finding
    catastrophic = build_report(*two_neurons())
    assert catastrophic.clean_error.value >= 0.5
    assert catastrophic.finding.startswith("Catastrophic here: L_cl = 0.")
    assert (
        "Proposition 4.4, L_cl ≥ ½ for two neurons without biases, holds." in catastrophic.finding
    )
    deep = build_report(*NETS["three layers"]())
    assert deep.finding.endswith(
        "Theorems 4.1, 4.3 and Propositions 4.4, 4.5 are about 2 layers, not 3."
    )
    misfit = build_report(*NETS["misfit"]())
    assert misfit.finding.startswith(
        f"The net does not interpolate ({misfit.interpolation.wrong} of 16 wrong, worst y"
    )
    one = build_report(*NETS["one datum"]())
    assert one.finding.startswith("No label is −1, so that there is no noise to fit")
    holds = build_report(*applies(), epsilon=1e-3)
    assert "Theorem 4.1 applies here and holds" in holds.finding
    assert "dominates" in holds.finding


def test_a_refuted_proposition_is_named():
    sample = highdim.draw_sphere_sample(6, 20, 0.4, rng=2)
    found = build_report(highdim.proposition_4_5_counterexample(sample).net, sample)
    assert found.interpolation.verdict is Verdict.HOLDS
    assert found.proposition_4_5.verdict is Verdict.FAILS
    assert found.finding.endswith("Proposition 4.5 as printed, L_cl ≥ 2^−n = 0.125, fails.")
    assert np.shape(found.to_dict()["proposition_4_5"]["witness"]["W"]) == (3, 20)


@pytest.mark.core
def test_regimes():
    def error(value, low, high, method="lines"):
        logs = (np.log10(end) if end > 0.0 else -inf for end in (value, low, high))
        return highdim.Estimate(value, low, high, 10, method, 0.95, *logs)

    assert regime(error(1e-3, 9e-4, 2e-3), 0.1) == "benign"
    assert regime(error(0.0, 0.0, 0.02), 0.1) == "undecided"
    assert regime(error(0.05, 0.04, 0.06), 0.1) == "tempered"
    assert regime(error(0.6, 0.55, 0.65), 0.1) == "catastrophic"
    assert regime(error(0.5, 0.49, 0.51), 0.1) == "undecided"
    assert regime(error(0.5, 0.5 - 1e-15, 0.5 + 1e-15, "angles"), 0.1) == "catastrophic"
    assert estimated(error(0.0, 0.0, 0.02)) == "L_cl ≤ 0.02"
    assert estimated(error(0.5, 0.5, 0.5, "angles")) == "L_cl = 0.5"


def test_probabilities_below_the_least_double():
    assert probability(-1.0) == "0.1"
    assert probability(-540.5) == "3.16e-541"
    assert probability(-inf) == "0"
    tiny = highdim.Estimate(0.0, 0.0, 0.0, 10, "lines", 0.95, -540.5, -541.0, -540.0)
    assert estimated(tiny) == "L_cl ≈ 3.16e-541"


def test_claims_without_their_explanations(biased):
    names = {one.claim: one.name for one in biased.theorem_4_1.named("Theorem 4.1")}
    (levy,) = (claim for claim in names if claim.startswith("L_cl ≤ exp"))
    assert levy.endswith(", s = N(0)/‖v‖ − ‖W‖_F/√d")
    assert names[levy] == "L_cl ≤ exp(−(d − 1) s²/(2 ‖W‖²))"
    (spectral,) = biased.theorem_4_1.named("Lemma B.1", "corrected")
    assert spectral.claim == "Property 2, as the proof uses it: ‖XXᵀ − I‖ ≤ ½"
    assert spectral.name == "‖XXᵀ − I‖ ≤ ½"
    assert flat(screen(biased)).count("as the proof uses it") == 0


def test_every_claim_has_a_kind(report):
    for statement in report.statements:
        assert isinstance(statement.statement, Source)
        for one in (*statement.hypotheses, *statement.steps, statement.conclusion):
            assert one.kind is not Kind.OTHER, one.claim
            assert isinstance(one.source, Source), one.claim


def test_the_choice_of_inequalities_does_not_read_their_words(report):
    for statement in report.statements:
        silent = replace(
            statement,
            hypotheses=tuple(replace(one, claim="", short="") for one in statement.hypotheses),
            steps=tuple(replace(one, claim="", short="") for one in statement.steps),
        )
        for most in (3, 6, 12):
            shown = [(one.source, one.value, one.kind) for one in chosen(statement, most)]
            assert [(one.source, one.value, one.kind) for one in chosen(silent, most)] == shown


def test_why_a_theorem_does_not_apply(biased):
    failing = sum(not one.holds for one in biased.theorem_4_1.hypotheses)
    text = why_not(biased.theorem_4_1)
    assert text.startswith(f"θ is not a KKT point (residual {biased.kkt.accuracy:.2g})")
    assert text.endswith(f"and {failing - 1} more hypotheses are missing")


# Bad input, and input at the limits


def test_bad_input():
    net, sample = NETS["biased"]()
    with pytest.raises(TypeError, match="`net` must be a TwoLayerNet or ThreeLayerNet, got int"):
        build_report(3, sample)
    with pytest.raises(TypeError, match="`sample` must be a SphereSample, got tuple"):
        build_report(net, (sample.X, sample.y))
    for other in (highdim.init_network(3, 5, rng=0), highdim.init_network(3, 5, depth=3, rng=0)):
        with pytest.raises(
            ValueError, match="`net` must have the dimension of the sample, 60, got 5"
        ):
            build_report(other, sample)
    for name in ("epsilon", "delta"):
        with pytest.raises(ValueError, match=f"`{name}` must lie in"):
            build_report(net, sample, **{name: 1.0})
    with pytest.raises(ValueError, match="`p` must lie in"):
        build_report(net, sample, p=1.5)
    with pytest.raises(ValueError, match="`net` must have inputs of dimension d >= 2, got 1"):
        build_report(TwoLayerNet([1.0], [[1.0]]), SphereSample([[1.0]], [1.0]))
    huge = TwoLayerNet(net.v * 1e200, net.W * 1e200, net.b * 1e200)
    with pytest.raises(
        ValueError, match="`net` must stay within the range of doubles on the data, got N"
    ):
        build_report(huge, sample)


def test_neurons_far_out_of_balance_are_reported_without_the_theorem():
    net, sample = NETS["biased"]()
    odd = TwoLayerNet(net.v * 1e-160, net.W * 1e160, net.b * 1e160)
    found = build_report(odd, sample)
    assert found.optimum.candidates["net 0"] == pytest.approx(
        build_report(net, sample).optimum.candidates["net 0"]
    )
    assert found.theorem_4_1 is None
    assert "beyond the range of doubles" in found.finding
    assert "inf" in screen(found)


def test_nothing_is_changed():
    net, sample = NETS["biased"]()
    before = {name: part.copy() for name, part in net.parameters.items()}, sample.X.copy()
    build_report(net, sample)
    assert all(np.array_equal(before[0][name], part) for name, part in net.parameters.items())
    assert np.array_equal(before[1], sample.X)
