"""Reports: their numbers, their JSON, their words on a terminal."""

import io
import json
import re
from dataclasses import replace
from fractions import Fraction

import cases
import numpy as np
import pytest
from hypothesis import given, strategies as st
from oracles import exact
from rich.console import Console

from univariate import (
    CleanError,
    DeepReluNet,
    ReluNet,
    Sample,
    Verdict,
    build_report,
    clean_error,
    draw_sample,
    load_network,
    max_margin,
    nearest_neighbour_clean_error,
    plot_report,
    save_solution,
    train_network,
    write_json,
)
from univariate.common.document import LONGEST, document
from univariate.common.words import at_least, counted
from univariate.optimum.optimum_error import optimum_error
from univariate.problem.density import Density
from univariate.report.facts import NetFacts, SampleFacts
from univariate.report.finding import certain, misplaced
from univariate.report.screens.terminal import render
from univariate.report.screens.training import render_training
from univariate.report.training import build_training_report, training_finding, write_training_json

STEEP = [1e45, -1e45, -1.0, -2.0], [2e45, 2e45, 0.0, 1.0], [0.0, -2e-45, 1.0, 0.0]
"""A net that climbs from −1 to 1 between 0 and 1e-90, and falls to −1 at 1."""

KEYS = {
    "schema",
    "versions",
    "finding",
    "p",
    "p_given",
    "delta",
    "density",
    "truth",
    "noisy_error",
    "sample_facts",
    "net_facts",
    "interpolation",
    "clean_error",
    "nearest_neighbour",
    "difference",
    "law",
    "kkt_points",
    "optimum_clean_error",
    "found_clean_error",
    "optimum",
    "optimum_missing",
    "standing",
    "structure",
    "theorem_3_1",
    "theorem_3_2",
    "margins",
    "origin",
    "seconds",
    "net",
    "sample",
    "trained",
}


@pytest.fixture(scope="module")
def sample() -> Sample:
    return draw_sample(300, 0.15, rng=2)


@pytest.fixture(scope="module")
def best(sample):
    return max_margin(sample)


@pytest.fixture(scope="module")
def report(sample, best):
    return build_report(
        best.net, sample, p=0.15, optimum=best, origin={"seed": 2, "command": "univariate report"}
    )


def deep_net() -> DeepReluNet:
    return DeepReluNet([([[1.0], [-1.0]], [-0.5, 0.25]), ([[8.0, 4.0]], [-0.5])])


def strictly_parsed(path):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def shown(report, **options) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100, highlight=False, **options).print(render(report))
    return stream.getvalue()


# Numbers


def test_report_on_the_optimum(report, sample, best):
    assert report.clean_error == clean_error(best.net)
    assert abs(report.difference) < 1e-12
    assert report.standing.global_minimum.verdict is Verdict.HOLDS
    assert report.found_clean_error is report.clean_error
    assert report.optimum_clean_error is report.nearest_neighbour
    facts = report.sample_facts
    assert (facts.size, facts.noise_rate, facts.merged) == (300, sample.noise_rate, 0)
    assert facts.sign_changes == len(sample.sign_changes)
    assert report.net_facts.balanced
    assert report.net_facts.widths == (best.net.width,)
    assert report.interpolation.wrong == 0
    assert report.interpolation.margin == pytest.approx(1.0)
    assert 0.1 < report.interpolation.at_margin < 0.9
    assert all(seconds >= 0.0 for seconds in report.seconds.values())


def test_noise_level_is_the_empirical_one_unless_given(sample, best):
    assert build_report(best.net, sample, optimum=best).p == sample.noise_rate


def test_unbalanced_net_and_its_waste(sample, best):
    wasteful = ReluNet(best.net.v * 2.0, best.net.w / 2.0, best.net.b / 2.0)
    found = build_report(wasteful, sample, optimum=best)
    assert not found.net_facts.balanced
    assert found.net_facts.imbalance == pytest.approx(1.0 - 8.0 / 17.0, rel=1e-6)
    assert found.standing.global_minimum.verdict is Verdict.FAILS
    assert "2.125 times the least norm²" in found.finding
    assert "is that of the max-margin net" in found.finding


def test_net_that_does_not_interpolate_names_the_worst_observation():
    sample = Sample([0.1, 0.4, 0.9], [1.0, -1.0, 1.0])
    found = build_report(ReluNet([1.0], [1.0], [0.5]), sample)
    fits = found.interpolation
    assert (fits.verdict, fits.worst, fits.x, fits.label, fits.wrong) == (
        Verdict.FAILS,
        1,
        0.4,
        -1.0,
        1,
    )
    assert fits.margin == pytest.approx(-0.9)
    assert "x = 0.4, label −1" in found.finding
    assert "1 wrong; worst -0.9 at observation 1 (x = 0.4, y = −1)" in shown(found)


def test_deep_net_gets_all_but_the_statements_on_problem_1(sample):
    found = build_report(deep_net(), sample)
    assert found.standing is None
    assert found.net_facts.kind == "2-layer ReLU net with output bias"
    assert found.net_facts.imbalance is None
    assert found.clean_error.low <= found.clean_error.value <= found.clean_error.high
    assert found.optimum.norm_squared > 0.0
    assert "not applicable" in shown(found)


@pytest.mark.parametrize(
    ("x", "parameters", "level"),
    [
        ([0.0, 1e-200, 0.5], ([1.0], [1.0], [0.5]), "infeasible"),
        ([0.0, 1e-90, 1.0], STEEP, "feasible"),
    ],
    ids=["does not interpolate", "interpolates"],
)
def test_without_an_optimum_in_doubles_the_report_has_all_the_rest(tmp_path, x, parameters, level):
    sample = Sample(x, [1.0, -1.0, 1.0] if level == "infeasible" else [-1.0, 1.0, -1.0])
    with pytest.raises(ArithmeticError, match="too uneven"):
        max_margin(sample)
    net = ReluNet(*parameters)
    found = build_report(net, sample, p=0.2)
    assert found.optimum is None
    assert found.optimum_clean_error is None
    assert "no float64 net with all margins >= 1" in found.optimum_missing
    assert found.standing.level == level
    assert float(found.clean_error) == float(clean_error(net))
    assert float(found.nearest_neighbour) == float(nearest_neighbour_clean_error(sample))
    lines = [" ".join(line.split()) for line in shown(found).splitlines()]
    (row,) = [line for line in lines if line.startswith("Least norm²")]
    assert "not available: no float64 net" in row
    assert "max-margin net" not in shown(found)
    assert strictly_parsed(write_json(found, tmp_path / "report.json"))["optimum"] is None
    assert "not available" in " ".join(text.get_text() for text in plot_report(found).texts)
    with pytest.raises(ValueError, match="`report` must have an optimum"):
        save_solution(found, tmp_path / "net.npz")


NARROW = [0.5, 0.5000000000000001, 0.9], [1.0, -1.0, 1.0]
"""A pair so close that the least norm² is known to 11 % only."""


def rows_of(report):
    return {" ".join(line[:24].split()): line[24:].split() for line in shown(report).splitlines()}


def test_the_optimum_has_its_own_clean_error_where_doubles_miss_it(tmp_path):
    sample = Sample(*cases.CLOSE_PAIR)
    best = max_margin(sample)
    found = build_report(best.net, sample, optimum=best)
    truth = exact.nearest_neighbour_error(sample.x, sample.y)
    of_optimum, of_net = found.optimum_clean_error, found.found_clean_error
    assert Fraction(of_optimum.low) <= truth <= Fraction(of_optimum.high)
    assert of_net is found.clean_error
    assert not Fraction(of_net.low) <= truth <= Fraction(of_net.high)
    more = of_net.value - float(truth)
    side = "above" if more > 0.0 else "below"
    rows = rows_of(found)
    assert rows["max-margin net"][:2] == ["0.7204225904018763", "±"]
    (shown_error, *_) = certain(of_net).split()
    assert rows["Exact clean error L_cl"][0] == shown_error
    assert "on 0.7204 of the mass" in found.finding
    words = {"above": "more", "below": "less"}[side]
    assert found.finding.endswith(f"the net in doubles has {abs(more):.2g} {words}.")
    assert plot_report(found).texts[0].get_text().startswith("Global minimum, to a relative")
    content = strictly_parsed(write_json(found, tmp_path / "report.json"))
    assert content["optimum_clean_error"]["value"] == of_optimum.value
    assert content["found_clean_error"]["value"] == of_net.value
    # beside another net both rows are shown
    wasteful = ReluNet(best.net.v * 2.0, best.net.w / 2.0, best.net.b / 2.0)
    beside = build_report(wasteful, sample, optimum=best)
    rows = rows_of(beside)
    assert rows["max-margin net"][0] == "0.7204225904018763"
    assert rows["net found"][0] == shown_error
    assert f"{abs(more):.4g} {side} that of the max-margin net" in beside.finding


def test_no_clean_error_is_claimed_for_an_optimum_that_no_theorem_tells(tmp_path):
    sample = Sample(*NARROW)
    best = max_margin(sample)
    wasteful = ReluNet(best.net.v * 2.0, best.net.w / 2.0, best.net.b / 2.0)
    found = build_report(wasteful, sample, optimum=best)
    assert best.method == "column generation"
    assert found.optimum_clean_error is None
    rows = rows_of(found)
    assert "max-margin net" not in rows
    assert rows["max-margin net found"][-2:] == ["(gap", "0.2)"]
    assert "that of the max-margin net found (gap 0.2)" in found.finding
    content = strictly_parsed(write_json(found, tmp_path / "report.json"))
    assert content["optimum_clean_error"] is None
    assert content["found_clean_error"]["value"] == found.found_clean_error.value


def test_a_ratio_to_the_least_norm_has_both_bounds_where_they_are_apart():
    sample = Sample(*NARROW)
    best = max_margin(sample)
    found = build_report(best.net, sample, optimum=best)
    assert "at 1 to 1.12 times the least norm²" in found.finding
    assert " at ≤ 1.12 × least norm²:" in plot_report(found).texts[0].get_text()
    assert rows_of(found)["Least norm²"][:2] == ["‖θ*‖²", "in"]


def test_a_minimum_to_a_gap_is_not_called_the_max_margin_net():
    sample = Sample([0.2, 0.5, 0.9], [1.0, -1.0, 1.0])
    found = build_report(max_margin(sample).net, sample)
    assert found.standing.level == "global minimum"
    assert found.optimum_clean_error is None
    assert found.finding.startswith("The net, a global minimum to a relative ")


def test_density_is_named_and_used(sample):
    from scipy import stats

    density = stats.beta(2, 5)
    drawn = draw_sample(50, 0.2, rng=0, density=density)
    best = max_margin(drawn)
    found = build_report(best.net, drawn, density=density, optimum=best)
    assert found.density == "beta(2, 5)"
    assert found.clean_error == clean_error(best.net, density=density)


def test_values_beyond_the_doubles_leave_out_the_linear_regions():
    facts = NetFacts.of(ReluNet([1e300], [1e300], [-1e299]))
    assert facts.linear_regions is None
    assert facts.imbalance == pytest.approx(0.0, abs=0.1)


def test_sample_is_required():
    with pytest.raises(
        TypeError, match=r"`sample` must be a Sample, got tuple; use Sample\.from_arrays"
    ):
        build_report(deep_net(), ([0.1], [1.0]))


# JSON


def test_json_is_strict_and_has_its_keys(report, tmp_path):
    found = strictly_parsed(write_json(report, tmp_path / "report.json"))
    assert set(found) == KEYS
    assert found["schema"] == "univariate.report/2"
    assert set(found["versions"]) >= {"python", "numpy", "numba", "scipy", "tempered-overfitting"}
    assert found["origin"] == {"seed": 2, "command": "univariate report"}
    assert found["clean_error"]["value"] == report.clean_error.value
    assert found["theorem_3_2"]["verdict"] == report.theorem_3_2.verdict.value
    assert found["optimum"]["method"] == report.optimum.method


def test_json_of_nets_with_infinite_numbers_is_strict(sample, tmp_path):
    for net in (deep_net(), ReluNet([1e300], [1e300], [-1e299])):
        report = build_report(net, sample)
        found = strictly_parsed(write_json(report, tmp_path / "report.json"))
        assert found["clean_error"]["value"] == report.clean_error.value


def test_long_arrays_are_summarised_and_short_ones_kept(report, tmp_path):
    found = strictly_parsed(write_json(report, tmp_path / "report.json"))
    x = report.sample.x
    assert found["sample"]["x"] == {
        "count": 300,
        "shape": [300],
        "smallest": x.min(),
        "largest": x.max(),
        "mean": x.mean(),
    }
    assert document(np.arange(float(LONGEST))) == list(range(LONGEST))
    assert document(np.arange(float(LONGEST + 1)))["count"] == LONGEST + 1
    assert document([np.nan, np.inf, Verdict.HOLDS]) == [None, "inf", "HOLDS"]


def test_json_does_not_grow_with_the_sample(tmp_path):
    sizes = []
    for m in (2_000, 20_000):
        sample = draw_sample(m, 0.1, rng=0)
        best = max_margin(sample)
        sizes.append(
            write_json(build_report(best.net, sample, optimum=best), tmp_path / "r.json")
            .stat()
            .st_size
        )
    assert max(sizes) < 17_000
    assert max(sizes) - min(sizes) < 200
    assert abs(sizes[1] - sizes[0]) < 200


def test_failed_writing_keeps_the_old_file(report, tmp_path):
    path = write_json(report, tmp_path / "report.json")
    before = path.read_bytes()
    with pytest.raises(OSError, match="`path` must be writable"):
        write_json(report, tmp_path / "missing" / "report.json")
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["report.json"]


def test_saved_solution_is_a_network_file_with_its_proof(report, tmp_path):
    path = save_solution(report, tmp_path / "net.npz")
    net = load_network(path)
    np.testing.assert_array_equal(net.v, report.optimum.net.v)
    with np.load(path) as archive:
        np.testing.assert_array_equal(archive["multipliers"], report.optimum.multipliers)
        assert archive["error_intervals"].shape[1] == 2


# Trained nets


@pytest.fixture(scope="module")
def trained():
    sample = draw_sample(12, 0.3, rng=3)
    return train_network(sample, rng=1), sample


def below_optimum(trained, level, **changes):
    """The same run as if it had led to another level."""
    standing = replace(trained.standing, level=level, **changes)
    return replace(trained, standing=standing, norm_ratio=1.25)


def test_a_report_has_a_trained_net_only_if_given_one(report, trained, tmp_path):
    assert report.to_dict()["trained"] is None
    assert "Trained net" not in shown(report)
    found, sample = trained
    best = max_margin(sample)
    beside = build_report(best.net, sample, optimum=best, trained=found)
    plain = build_report(best.net, sample, optimum=best)
    assert beside.finding == f"{plain.finding} {training_finding(found, plain.of_optimum)}"
    screen = " ".join(shown(beside).split())
    assert "Trained net gradient flow of the logistic loss" in screen
    assert certain(found.clean_error) in screen
    content = strictly_parsed(write_json(beside, tmp_path / "report.json"))
    assert content["schema"] == "univariate.report/2"
    assert content["trained"]["run"]["status"] == "margin reached"
    assert content["trained"]["standing"]["level"] == found.standing.level
    assert len(shown(beside).split("\n")) <= len(shown(plain).split("\n")) + 6


def test_json_of_a_training_run_is_strict_and_holds_what_is_shown(trained, tmp_path):
    found, sample = trained
    told = build_training_report(
        found, sample, delta=0.05, p=0.3, start="spread", origin={"seed": 3}
    )
    content = strictly_parsed(write_training_json(told, tmp_path / "train.json"))
    assert content["schema"] == "univariate.training/1"
    assert content["run"]["steps"] == len(found.trajectory.margins) - 1
    assert content["run"]["norm_ratio"] == found.end_norm_ratio
    assert content["run"]["norm_ratio_high"] == found.end_norm_ratios.high >= found.end_norm_ratio
    assert content["trained"]["norm_ratio_high"] == found.norm_ratios.high
    assert content["optimum_clean_error"]["value"] == float(told.nearest_neighbour)
    assert (
        content["end_facts"]["linear_regions"]
        >= content["net_facts"]["linear_regions"]
        == found.regions
    )
    assert content["trained"]["point"]["distance"] == found.point.distance
    assert (tmp_path / "train.json").stat().st_size < 25_000
    screen = told_screen(told)
    for text in (
        certain(found.clean_error),
        certain(found.end_clean_error),
        f"{found.end_norm_ratio:.7g} → 1",
        "A.4",
    ):
        assert text in screen
    assert screen.endswith(told.finding)


def test_what_is_missing_is_said_and_not_made_up(trained):
    found, sample = trained
    lost = replace(
        found, point=None, missing="no optimum over the cell", standing=None, structure=None
    )
    lost = replace(lost, theorem_3_1=None, theorem_3_2=None, norm_ratio=None, regions=None)
    stopped = replace(lost, trajectory=replace(found.trajectory, status="interrupted"))
    told = build_training_report(stopped, sample, delta=0.05)
    assert (told.saved, told.p) == ("the end of the run", sample.noise_rate)
    screen = told_screen(told)
    assert "Theorem" not in screen
    assert screen.count("KKT") == 1  # all KKT points of the sample
    assert screen.endswith("where it leads is not decided.")


def test_findings_name_the_level_that_training_leads_to(trained):
    found, sample = trained
    of_optimum = optimum_error(found.optimum, sample, found.population)
    kkt, local = (replace(found.standing, level=level) for level in ("kkt", "local minimum"))
    failing = {"local_minimum": replace(kkt.local_minimum, verdict=Verdict.FAILS)}
    failing |= {"global_minimum": replace(local.global_minimum, verdict=Verdict.FAILS)}
    undecided = {"local_minimum": replace(kkt.local_minimum, verdict=Verdict.UNDECIDED)}
    for level, changes, text in (
        (
            "kkt",
            failing,
            "a KKT point and no local minimum, at 1.25 times the least norm²; its clean error",
        ),
        ("kkt", undecided, "a KKT point, whether a local minimum is undecided, at"),
        ("local minimum", failing, "a local minimum that is not the global one, at"),
        ("feasible", {}, "no KKT point near it is proved (the one found is not certified), at"),
    ):
        assert text in training_finding(below_optimum(found, level, **changes), of_optimum)
    unproved = replace(found.optimum, dual_norm_squared=0.0, duality_gap=1.0)
    vague = replace(below_optimum(found, "kkt", **failing), optimum=unproved)
    assert "minimum, the least norm² not available;" in training_finding(vague, of_optimum)
    unknown = replace(of_optimum, exact=None)
    assert "leads to a global minimum to a relative" in training_finding(found, unknown)
    broken = replace(found.structure.proposition_a4, verdict=Verdict.FAILS)
    against = replace(
        below_optimum(found, "local minimum", **failing),
        structure=replace(found.structure, proposition_a4=broken),
    )
    assert "the global one, against Proposition A.4, at" in training_finding(against, of_optimum)


def told_screen(told) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100, highlight=False).print(render_training(told))
    return " ".join(stream.getvalue().split())


# Words


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.5, 0.5, 0.5, "0.5"),
        (0.0, 0.0, 0.0, "0"),
        (0.0, 0.0, 8e-31, "0 ± 9e-31"),
        (1.0, 1.0, 1.0, "1"),
        (0.224061202423004, 0.2240612024230038, 0.2240612024230042, "0.2240612024230040 ± 3e-16"),
    ],
)
def test_certain_digits(value, low, high, text):
    assert certain(CleanError(value, low, high, np.empty((0, 2)))) == text


def test_certain_digits_cover_the_enclosure():
    rng = np.random.default_rng(0)
    for _ in range(200):
        value = float(rng.random() * 10.0 ** -rng.integers(0, 9))
        low, high = (
            value * (1.0 - 10.0 ** -rng.uniform(5, 16)),
            value * (1.0 + 10.0 ** -rng.uniform(5, 16)),
        )
        printed, _, radius = certain(CleanError(value, low, high, np.empty((0, 2)))).partition(
            " ± "
        )
        off = Fraction(radius) if radius else Fraction(0)
        assert Fraction(printed) - off <= Fraction(low)
        assert Fraction(high) <= Fraction(printed) + off
        assert off <= 12 * (Fraction(high) - Fraction(low))


@given(st.floats(1e-300, 1e300))
def test_a_lower_bound_is_never_rounded_up(value):
    assert 0.99 * value <= float(at_least(value)) <= value


def test_lower_bounds_in_words():
    assert [at_least(value) for value in (0.99995, 1.0, 0.0)] == ["0.999", "1", "0"]


def test_counted_nouns():
    assert [counted(number, "kink") for number in (0, 1, 2000)] == [
        "0 kinks",
        "1 kink",
        "2,000 kinks",
    ]


def test_terminal_report_fits_a_screen_and_ends_with_what_was_learnt(report):
    lines = shown(report).rstrip("\n").split("\n")
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 100
    assert certain(report.clean_error) in "\n".join(lines)
    assert " ".join(part.strip() for part in lines[-2:]).endswith(report.finding[-40:])


def test_terminal_report_is_plain_in_a_file_and_coloured_on_a_terminal(report):
    assert "\x1b" not in shown(report)
    coloured = shown(report, force_terminal=True, color_system="standard")
    assert "\x1b[32mHOLDS" in coloured


@pytest.mark.parametrize("m", [1, 2, 5])
@pytest.mark.parametrize("p", [0.0, 1.0, 0.5])
def test_tiny_samples_are_reported(m, p):
    sample = draw_sample(m, p, rng=m)
    found = build_report(max_margin(sample).net, sample, p=p)
    assert found.finding in " ".join(shown(found).split())


def test_a_report_says_how_decisions_differ_from_the_nearest_neighbour(report):
    assert report.law.verdict is Verdict.HOLDS
    assert report.law.deviations == ()
    assert report.kkt_points.low < report.clean_error.value < report.kkt_points.high
    text = shown(report)
    assert "1-NN law" in text
    assert "0 of 301 gaps deviate" in text
    assert "All KKT points" in text


@pytest.mark.parametrize(
    ("x", "law"),
    [
        ([2.0], "uniform(2, 1)"),
        ([-3.0], "uniform(-3, 1)"),
        ([np.nextafter(0.6, 0.0), 1.9], "uniform(0.5, 1.4)"),
        ([1e6, 1e6 + 1.0], "uniform(1000000, 1)"),
        ([-1e6, 1.0 - 1e6], "uniform(-1000000, 1)"),
        ([-2e-310, -1e-310], "uniform(-2e-310, 1e-310)"),
        ([-5e-324, 1.5], "uniform(-0.1, 1.7)"),
        ([-(2.0**500), 2.0**500], None),
        ([-5e-324, 0.0], None),
        ([np.nextafter(2.0, 0.0), 2.0], None),
        ([1e150, np.nextafter(1e150, np.inf)], None),
    ],
)
def test_the_law_that_is_told_for_inputs_outside_holds_all_of_them(x, law):
    sample = Sample(x, np.where(np.arange(len(x)) % 2, -1.0, 1.0))
    facts = SampleFacts.of(sample, density="uniform(3, 1)")
    told = re.search(r"--density '(.*)'", misplaced(facts))[1]
    assert law in {None, told}
    low, high = Density.named(told).support()
    assert low <= x[0] <= x[-1] <= high


def test_inputs_where_no_clean_error_looks_are_told_first_and_last():
    hours = Sample([1.5, 9.0, 15.0, 22.0], [1.0, -1.0, 1.0, 1.0])
    best = max_margin(hours)
    found = build_report(best.net, hours)
    assert (found.sample_facts.outside, found.sample_facts.domain) == (4, (0.0, 1.0))
    assert found.finding.startswith(
        "4 of 4 inputs lie outside [0, 1], where clean errors do not look: if x has another law,"
        " pass it as `density`, e.g. --density 'uniform(1, 21)'. "
    )
    assert "(4 of 4 inputs outside)" in shown(found).splitlines()[0]
    told = build_report(best.net, hours, density="uniform(1, 21)")
    assert told.sample_facts.outside == 0
    assert "outside [" not in told.finding
    assert 0.0 < told.clean_error.value < 1.0
    trained = train_network(hours, rng=0, margin=2.0)
    learnt = build_training_report(trained, hours, delta=0.05).finding
    assert learnt.startswith("4 of 4 inputs lie outside [0, 1]")


@pytest.mark.parametrize(("size", "other"), [(30, 30), (30, 31), (1, 2)])
def test_what_belongs_to_another_sample_is_refused(size, other):
    """Its least norm would be that of this one: a global minimum was a local one."""
    sample, another = draw_sample(size, 0.2, rng=0), draw_sample(other, 0.2, rng=1)
    best = max_margin(sample)
    with pytest.raises(ValueError, match=r"`optimum` must belong to `sample`, .* max_margin\(s"):
        build_report(best.net, sample, optimum=max_margin(another))
    assert build_report(best.net, sample, optimum=best).standing.level == "global minimum"


def test_a_net_trained_on_another_sample_is_refused():
    sample, another = draw_sample(8, 0.2, rng=0), draw_sample(8, 0.2, rng=1)
    trained = train_network(another, rng=0)
    with pytest.raises(ValueError, match=r"`trained` must belong to `sample`"):
        build_report(max_margin(sample).net, sample, trained=trained)
    with pytest.raises(ValueError, match=r"`trained` must belong to `sample`"):
        build_training_report(trained, sample, delta=0.05)
    # with the optimum of this one beside it the net stays that of another sample
    best = max_margin(sample)
    with pytest.raises(ValueError, match=r"`trained` must belong to this sample"):
        build_report(best.net, sample, trained=replace(trained, optimum=best))
    stopped = replace(trained, optimum=best, standing=None)
    with pytest.raises(ValueError, match=r"`trained` must belong to `sample`, .* the margin"):
        build_report(best.net, sample, trained=stopped)
    assert build_report(max_margin(another).net, another, trained=trained).trained is trained
