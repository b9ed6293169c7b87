"""Samples: sorting, merging, refusing; files; drawing; the events of Lemma A.1."""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import strategies
from hypothesis import given, settings, strategies as st

from univariate.common.check import generator
from univariate.problem.density import Density
from univariate.problem.draws import draw_sample
from univariate.problem.events import sample_events
from univariate.problem.laws import uniform
from univariate.problem.sample import Sample
from univariate.problem.truth import Truth

few = settings(max_examples=60, deadline=None, database=None)
ROUNDING = 8 * float(np.finfo(np.float64).eps)
SIX_SIGMA = 6.0
UNLIKELY = 1e-4  # a fixed seed gives a p-value below this only if the distribution is wrong


def assert_same_bits(sample: Sample, other: Sample) -> None:
    assert sample.x.tobytes() == other.x.tobytes()
    assert sample.y.tobytes() == other.y.tobytes()


# Construction


@few
@given(strategies.samples(unit_interval=False), st.randoms(use_true_random=False))
def test_shuffled_data_are_sorted(sample, random):
    x, y = sample
    order = list(range(len(x)))
    random.shuffle(order)
    again = Sample.from_arrays(x[order], y[order])
    assert np.array_equal(again.x, x)
    assert np.array_equal(again.y, y)
    assert again.merged == 0


@few
@given(strategies.samples(), st.data())
def test_repeats_with_equal_labels_are_merged_and_counted(sample, data):
    x, y = sample
    repeats = data.draw(st.lists(st.integers(0, len(x) - 1), max_size=6))
    order = data.draw(st.permutations([*range(len(x)), *repeats]))
    merged = Sample.from_arrays(x[order], y[order])
    assert np.array_equal(merged.x, x)
    assert np.array_equal(merged.y, y)
    assert merged.merged == len(repeats)
    assert merged.noise_rate == np.mean(y < 0.0)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([0.5, 0.1, 0.5], [1, 1, -1], r"x\[0\] = x\[2\] = .*0\.5.*both signs \(1 such\)"),
        ([0.3, 0.3, 0.3, 0.1], [1, 1, -1, 1], r"x\[1\] = x\[2\] = .*0\.3"),
        ([0.3, 0.1, 0.3, 0.1], [1, 1, -1, -1], r"x\[1\] = x\[3\] = .*0\.1.*\(2 such\)"),
        ([0.0, -0.0], [1, -1], r"x\[0\] = x\[1\] = "),
    ],
)
def test_repeats_with_different_labels_are_refused_by_index(x, y, message):
    with pytest.raises(
        ValueError, match=rf"`x` must not repeat.*{message}.*no network interpolates.*remove one"
    ):
        Sample.from_arrays(x, y)


@pytest.mark.parametrize(("bad", "shown"), [(0, "0"), (2, "2"), (-1.5, "-1.5")])
@pytest.mark.parametrize("make", [Sample, Sample.from_arrays], ids=["Sample", "from_arrays"])
def test_labels_must_be_plus_or_minus_one(make, bad, shown):
    with pytest.raises(
        ValueError,
        match=rf"`y` must hold labels \+1 and -1 only, got y\[1\] = {shown}; repair .*label_map",
    ):
        make([0.1, 0.2, 0.3], [1, bad, -1])


@pytest.mark.parametrize("make", [Sample, Sample.from_arrays], ids=["Sample", "from_arrays"])
@pytest.mark.parametrize(
    ("x", "y", "error", "message"),
    [
        ([], [], ValueError, "`x` must not be empty; pass at least one"),
        (
            [[[0.1]]],
            [1],
            ValueError,
            r"`x` must be one-dimensional, got shape \(1, 1, 1\); pass num",
        ),
        (
            [0.1, 0.2],
            [1],
            ValueError,
            r"`x`, `y` must have one length, got len\(x\) = 2, len\(y\) = 1; cut",
        ),
        (
            [0.1, math.nan],
            [1, 1],
            ValueError,
            r"`x` must be finite, got x\[1\] = nan \(1 such\); remove or repair",
        ),
        (
            [0.1, 0.2],
            [math.inf, 1],
            ValueError,
            r"`y` must be finite, got y\[0\] = inf \(1 such\); remove or repair",
        ),
        (["a"], [1], TypeError, "`x` must hold real numbers, got dtype .*; convert"),
        (
            [0.1, 1e200],
            [1, 1],
            ValueError,
            r"`x` must satisfy \|x\| <= 2\*\*500, got 1e\+200; rescale",
        ),
    ],
)
def test_bad_data_are_refused_by_name(make, x, y, error, message):
    with pytest.raises(error, match=message):
        make(x, y)


@pytest.mark.parametrize("x", [[0.2, 0.1], [0.1, 0.1]])
def test_the_constructor_wants_increasing_inputs(x):
    with pytest.raises(
        ValueError,
        match=r"`x` must be strictly increasing, got x\[0\] = .*; use Sample\.from_arrays",
    ):
        Sample(x, [1, 1])


def test_integers_and_float32_are_lifted_exactly():
    sample = Sample.from_arrays(
        np.array([0.1, 3], dtype=np.float32), np.array([1, -1], dtype=np.int8)
    )
    assert sample.x.tolist() == [float(np.float32(0.1)), 3.0]
    assert sample.y.dtype == np.float64


def test_inputs_are_neither_changed_nor_kept():
    x, y = np.array([0.7, 0.2, 0.7, 0.2]), np.array([1, -1, 1, -1])
    sample = Sample.from_arrays(x, y)
    assert (x.tolist(), y.tolist()) == ([0.7, 0.2, 0.7, 0.2], [1, -1, 1, -1])
    x[:] = 5.0
    assert sample.x.tolist() == [0.2, 0.7]


@pytest.mark.parametrize("name", ["x", "y"])
def test_a_sample_cannot_be_changed(name):
    with pytest.raises(ValueError, match="read-only"):
        getattr(Sample([0.1], [1]), name)[0] = 0.5


def test_summaries_by_hand():
    sample = Sample([0.0, 0.25, 0.5, 2.0], [1, -1, -1, 1])
    assert sample.size == 4
    assert sample.gaps.tolist() == [0.25, 0.25, 1.5]
    assert sample.noise_rate == 0.5
    assert sample.sign_changes.tolist() == [0, 2]


def test_a_single_observation_has_no_gaps():
    sample = Sample([0.5], [-1])
    assert (sample.gaps.size, sample.sign_changes.size, sample.noise_rate) == (0, 0, 1.0)


@pytest.mark.parametrize("merged", [-1, True, 0.5, "beta(2, 5)", scipy.stats.beta(2, 5)])
def test_what_is_no_count_of_merged_observations_is_refused(merged):
    """A density in its place would not be heard of again."""
    with pytest.raises((TypeError, ValueError), match="`merged` must be an integer"):
        Sample([0.1], [1.0], merged)


# Files


@few
@given(sample=strategies.samples(unit_interval=False))
@pytest.mark.parametrize("ending", ["csv", "CSV", "npz", "data"])
def test_a_saved_sample_is_loaded_bit_for_bit(tmp_path_factory, ending, sample):
    path = tmp_path_factory.mktemp("samples") / f"sample.{ending}"
    original = Sample(*sample)
    original.save(path)
    assert_same_bits(Sample.load(path), original)
    assert_same_bits(Sample.load(str(path)), original)


@pytest.mark.parametrize("ending", ["csv", "npz"])
def test_extreme_inputs_survive_a_file(tmp_path, ending):
    original = Sample(
        [-(2.0**500), -1 / 3, -5e-324, 0.0, 3e-310, 1e-300, 1e100], [1, -1, 1, -1, 1, -1, 1]
    )
    original.save(tmp_path / f"sample.{ending}")
    assert_same_bits(Sample.load(tmp_path / f"sample.{ending}"), original)


@pytest.mark.parametrize("ending", ["csv", "npz"])
@pytest.mark.parametrize(
    ("density", "truth"),
    [
        ("beta(2, 5)", None),
        (None, "0.3,1/3:+-+"),
        ("norm(0.1, 3)", "-1"),
        (scipy.stats.beta(2, 5), Truth([Fraction(1, 3), 0.5], "-+-")),
        (None, Truth(np.linspace(0.01, 0.99, 60), [1, -1] * 30 + [1])),
    ],
)
def test_files_keep_the_density_and_the_truth(tmp_path, ending, density, truth):
    path = tmp_path / f"sample.{ending}"
    x, y = [0.1, 0.25, 0.7], [1, -1, 1]
    original = Sample.from_arrays(x + x, y + y, density=density, truth=truth)
    original.save(path)
    found = Sample.load(path)
    assert found == original
    assert (found.density.name, found.truth) == (original.density.name, original.truth)
    assert found.merged == 3
    if ending == "csv":
        assert path.read_text().startswith('# univariate.Sample/1 {"')
        assert path.read_text().splitlines()[1] == "x,y"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('# univariate.Sample/1 {"truth": "0.3', "line 1: the comment that says what the sample"),
        ("# univariate.Sample/1 [1]", "line 1: the comment that says what the sample knows is"),
        ("# univariate.Sample/1", "line 1: the comment that says what the sample knows is damaged"),
        ("# univariate.Sample/1 {}\n# univariate.Sample/1 {}", "line 2: a second comment says"),
        ('# highdim.SphereSample/1 {"p": 0.1}', "holds 'highdim.SphereSample/1', expected"),
        ('# univariate.Sample/1 {"truth": "half"}', "`truth` must be breakpoints"),
        ('# univariate.Sample/1 {"merged": -1}', "has a damaged count of merged"),
    ],
)
def test_damaged_notes_are_named(tmp_path, text, message):
    (tmp_path / "data.csv").write_text(f"{text}\nx,y\n0.1,1\n0.2,-1\n")
    with pytest.raises(ValueError, match=message):
        Sample.load(tmp_path / "data.csv")


def test_other_comments_are_passed_over(tmp_path):
    text = "# univariate.Sample is meant\n# a note\n\nx,y\n0.1,1\n{}0.2,-1\n"
    (tmp_path / "data.csv").write_text(text.format("# {}\n"))
    assert Sample.load(tmp_path / "data.csv") == Sample([0.1, 0.2], [1, -1])
    (tmp_path / "data.csv").write_text(text.format('# univariate.Sample/1 {"truth": "-1"}\n'))
    assert Sample.load(tmp_path / "data.csv") == Sample([0.1, 0.2], [1, -1], truth="-1")


def test_csv_by_hand(tmp_path):
    Sample([0.1, 0.25], [1, -1]).save(tmp_path / "sample.csv")
    assert (tmp_path / "sample.csv").read_text() == "x,y\n0.1,+1\n0.25,-1\n"


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n0.5,-1\n0.25,1\n",
        "0.5,-1\n0.25,1\n",
        "0.25,1\n0.5,-1",
        " x , y \n 0.25, +1\n 0.5,-1.0\n",
        "\n\nx,y\n\n0.25,1e0\n\n0.5,-1\n\n",
        "x,y\r\n0.25,1\r\n0.5,-1\r\n",
        '\ufeff"x","y"\n"0.25","1"\n"0.5","-1"\n',
        "0.25,1\n0.25,1\n2.5e-1,1\n0.5,-1\n5e-1,-1\n0.50,-1\n",
    ],
    ids=[
        "header",
        "no header",
        "no last newline",
        "spaces",
        "blank lines",
        "Windows",
        "quotes and mark",
        "repeats",
    ],
)
def test_csv_dialects(tmp_path, text):
    path = tmp_path / "sample.csv"
    path.write_bytes(text.encode())
    sample = Sample.load(path)
    assert sample.x.tolist() == [0.25, 0.5]
    assert sample.y.tolist() == [1.0, -1.0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x,y\n0.1,1\n0.2\n", 3),
        ("x,y\n0.1,1,7\n", 2),
        ("0.1,1\nx,y\n0.2,1\n", 2),
        ("0.1,1\nnan,1\n", 2),
        ("0.1,1\n\n1e999,1\n", 3),
    ],
)
def test_bad_csv_lines_are_named(tmp_path, text, line):
    path = tmp_path / "sample.csv"
    path.write_text(text)
    with pytest.raises(
        ValueError, match=rf"sample\.csv', line {line}: expected .* numbers.*, got .*; repair it"
    ):
        Sample.load(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty, it holds no data; check"),
        (b"\n\n", "is empty, it holds no data; check"),
        (b"x,y\n", "line 1: it holds no data, at most names of columns; write"),
        (b"\x80\x04\x95", "is a pickle, which may execute anything"),
        (b"x" * 200_000, "line 1: it holds no data"),
        (b"0.1,1\n0.1,-1\n", r"`x` must not repeat with different labels, got x\[0\] = x\[1\]"),
        (b"0.1,0\n", r"`y` must hold labels"),
        (b"0.1,1\n\n0.2,minus\n", r"`y` must hold labels .*, got y\[1\] = 'minus'; say"),
        (b"0.1,\0\n", "is of no known kind, it is not a text file"),
        (b"0.1,\xff\n", "is not a text file, or not in UTF-8"),
    ],
)
def test_bad_csv_files_are_refused(tmp_path, content, message):
    path = tmp_path / "sample.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        Sample.load(path)


@pytest.mark.parametrize("name", ["missing.csv", "missing.npz"])
def test_a_missing_file_is_named(tmp_path, name):
    with pytest.raises(
        FileNotFoundError, match=r"`path` must name an existing file, got .*; check"
    ):
        Sample.load(tmp_path / name)


def test_dictionaries_are_valid_json():
    sample = Sample.from_arrays([0.5, 0.5, 0.25, 0.25], [1, 1, -1, -1])
    again = json.loads(json.dumps(sample.to_dict(), allow_nan=False))
    assert again == {
        "x": [0.25, 0.5],
        "y": [-1.0, 1.0],
        "merged": 2,
        "density": "uniform on [0, 1]",
        "truth": {"breakpoints": [], "signs": [1]},
    }


def test_text_form_is_one_short_line():
    assert (
        repr(Sample([0.5], [1]))
        == "Sample(x=[0.5], y=[1.], merged=0, density=uniform on [0, 1], truth=+1)"
    )
    drawn = draw_sample(10, 0.5, rng=0, density="norm(1, 2)")
    assert (
        repr(drawn) == "Sample(x=<10 array>, y=<10 array>, merged=0, density=norm(1, 2), truth=+1)"
    )


# Drawing


@pytest.mark.parametrize(
    "density", [None, scipy.stats.beta(2, 5), scipy.stats.norm()], ids=["uniform", "beta", "norm"]
)
def test_the_same_seed_gives_the_same_bits(density):
    first, again = (draw_sample(100, 0.3, rng=5, density=density) for _ in range(2))
    assert_same_bits(first, again)
    assert_same_bits(draw_sample(100, 0.3, rng=np.random.default_rng(5), density=density), first)
    assert not np.array_equal(draw_sample(100, 0.3, rng=6, density=density).x, first.x)


def test_a_generator_is_used_up():
    rng = np.random.default_rng(5)
    assert not np.array_equal(draw_sample(10, 0.3, rng=rng).x, draw_sample(10, 0.3, rng=rng).x)


def test_uniform_inputs_are_the_generators_own():
    assert draw_sample(50, 0.3, rng=5).x.tolist() == sorted(
        np.random.default_rng(5).random(50).tolist()
    )


def test_the_global_state_of_numpy_is_neither_used_nor_changed():
    before = np.random.get_state()  # noqa: NPY002
    draw_sample(10, 0.3, rng=1, density=scipy.stats.gamma(2.0))
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(part, other) for part, other in zip(before, after, strict=True))


@pytest.mark.parametrize(
    "density",
    [scipy.stats.uniform(), scipy.stats.beta(0.5, 3), scipy.stats.norm(1, 4), scipy.stats.cauchy()],
    ids=["uniform", "beta", "norm", "cauchy"],
)
def test_inputs_follow_the_density(density):
    sample = draw_sample(2000, 0.2, rng=11, density=density)
    assert scipy.stats.kstest(sample.x, density.cdf).pvalue > UNLIKELY


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_labels_are_flipped_with_probability_p(p):
    m = 20_000
    sample = draw_sample(m, p, rng=12)
    assert abs(sample.noise_rate - p) <= SIX_SIGMA * math.sqrt(p * (1 - p) / m)


def test_labels_do_not_depend_on_the_inputs():
    sample = draw_sample(20_000, 0.3, rng=13)
    assert abs(np.corrcoef(sample.x, sample.y)[0, 1]) <= SIX_SIGMA / math.sqrt(sample.size)


def coarse(steps):
    """The uniform density with draws rounded to a grid, so that they repeat."""

    def draws(size, generator):
        return np.floor(generator.random(size) * steps) / steps

    return Density("coarse", uniform()._replace(rvs=draws))


def test_repeated_inputs_are_drawn_again():
    assert draw_sample(60, 0.2, rng=1, density=coarse(200)).size == 60


def test_a_density_that_cannot_give_m_distinct_inputs_is_refused():
    with pytest.raises(
        ValueError, match=r"`density` must be continuous, got one that keeps repeating.*; choose"
    ):
        draw_sample(60, 0.2, rng=1, density=coarse(50))


@pytest.mark.parametrize(
    "density", [scipy.stats.binom(10**6, 0.5), scipy.stats.bernoulli(0.5), scipy.stats.poisson(3.0)]
)
@pytest.mark.parametrize("m", [1, 3])
def test_discrete_distributions_are_refused(density, m):
    with pytest.raises(
        ValueError, match=f"`density` must be continuous, got '{density.dist.name}'; choose"
    ):
        draw_sample(m, 0.2, rng=1, density=density)


@pytest.mark.parametrize(
    "density",
    [
        3.0,
        scipy.stats.beta,
        scipy.stats.norm,
        scipy.stats.multivariate_normal([0, 0]),
    ],
    ids=["number", "not frozen", "not frozen either", "in the plane"],
)
def test_a_density_must_be_a_frozen_scipy_distribution(density):
    message = (
        r"`density` must be a frozen scipy\.stats distribution, got .*; pass e\.g\."
        r" scipy\.stats\.beta\(2, 5\)"
    )
    with pytest.raises(TypeError, match=message):
        draw_sample(3, 0.2, rng=1, density=density)
    with pytest.raises(TypeError, match=message):
        sample_events(Sample([0.5], [1]), 0.1, density=density)


@pytest.mark.parametrize(
    ("m", "p", "rng", "error", "message"),
    [
        (0, 0.1, 0, ValueError, "`m` must be an integer >= 1, got 0; pass"),
        (-3, 0.1, 0, ValueError, "`m` must be an integer >= 1, got -3; pass"),
        (2.0, 0.1, 0, TypeError, r"`m` must be an integer, got 2\.0; pass"),
        (3, 1.5, 0, ValueError, r"`p` must lie in \[0, 1\], got 1\.5; it is a probability"),
        (3, -0.1, 0, ValueError, r"`p` must lie in \[0, 1\], got -0\.1; it is a probability"),
        (3, math.nan, 0, ValueError, "`p` must be finite, got nan; pass"),
        (3, "0.1", 0, TypeError, "`p` must be a real number, got '0.1'; pass"),
        (3, 0.1, None, TypeError, "`rng` must be an int seed .*, got None; pass"),
        (3, 0.1, -1, ValueError, "`rng` must be a non-negative seed, got -1; pass"),
    ],
)
def test_bad_arguments_are_named(m, p, rng, error, message):
    with pytest.raises(error, match=message):
        draw_sample(m, p, rng=rng)


def test_the_seed_is_keyword_only():
    with pytest.raises(TypeError):
        draw_sample(3, 0.1, 0)


# Lemma A.1


def naive_events(x, delta):
    """The three statements of Lemma A.1, read off with loops."""
    m = len(x)
    largest = max((x[i + 1] - x[i] for i in range(m - 1)), default=0.0)
    small = sum(1 for i in range(m - 1) if x[i + 1] - x[i] < 1 / (10 * (m + 1)))
    return largest, math.log(8 * (m + 1) / delta) / (m + 1), small, (m + 1) / 8


@few
@given(strategies.samples(min_size=1, max_size=20), st.floats(1e-9, 1.0, exclude_max=True))
def test_events_equal_loops(sample, delta):
    events = sample_events(Sample(*sample), delta)
    largest, bound, small, few_enough = naive_events(sample[0].tolist(), delta)
    assert events.largest_gap.value == largest
    assert events.largest_gap.threshold == pytest.approx(bound, rel=ROUNDING)
    assert (events.small_gaps.value, events.small_gaps.threshold) == (small, few_enough)
    assert events.small_gaps.holds == (small < few_enough)
    assert events.collisions.holds


def test_events_by_hand():
    # m = 7, δ = 1/2: the largest gap 0.5 is below log(128)/8 = 0.61; one gap, 0.01, is below 1/80,
    # and 1 < 8/8 fails
    sample = Sample([0.0, 0.1, 0.2, 0.21, 0.71, 0.8, 1.0], [1] * 7)
    events = sample_events(sample, 0.5)
    assert events.largest_gap.value == pytest.approx(0.5, rel=ROUNDING)
    assert events.largest_gap.threshold == pytest.approx(math.log(128.0) / 8.0, rel=ROUNDING)
    assert events.largest_gap.holds
    assert (events.small_gaps.value, events.small_gaps.threshold) == (1.0, 1.0)
    assert not events.small_gaps.holds
    assert not events.holds


def test_a_wide_gap_breaks_the_first_event():
    x = np.concatenate([np.linspace(0.0, 0.1, 50), np.linspace(0.9, 1.0, 50)])
    events = sample_events(Sample(x, np.ones(100)), 0.1)
    assert not events.largest_gap.holds
    assert events.small_gaps.holds
    assert not events.holds


def test_equal_spacing_satisfies_all_three_events():
    events = sample_events(Sample(np.linspace(0.0, 1.0, 64), np.ones(64)), 0.1)
    assert events.holds
    assert events.small_gaps.value == 0.0


def test_merged_observations_are_collisions():
    events = sample_events(Sample.from_arrays([0.1, 0.9, 0.9, 0.9], [1, 1, 1, 1]), 0.1)
    assert (events.collisions.value, events.collisions.holds, events.holds) == (2.0, False, False)


def test_one_observation_has_no_gap_to_exceed():
    events = sample_events(Sample([0.5], [1]), 0.1)
    assert (events.largest_gap.value, events.small_gaps.value) == (0.0, 0.0)
    assert events.holds


@pytest.mark.parametrize(
    "density", [scipy.stats.beta(2, 5), scipy.stats.expon(scale=3.0)], ids=["beta", "expon"]
)
def test_events_with_a_density_are_those_of_the_uniform_quantiles(density):
    uniform = draw_sample(200, 0.2, rng=21)
    x = density.ppf(uniform.x)
    events, plain = (
        sample_events(Sample(x, uniform.y), 0.1, density=density),
        sample_events(uniform, 0.1),
    )
    assert events.largest_gap.value == pytest.approx(plain.largest_gap.value, rel=1e-9)
    assert events.largest_gap.threshold == plain.largest_gap.threshold
    assert events.small_gaps.value == plain.small_gaps.value
    assert events.holds == plain.holds


def test_a_density_changes_the_gaps_by_hand():
    # uniform on [0, 10]: gaps shrink tenfold
    sample = Sample([1.0, 2.0, 6.0], [1, 1, -1])
    events = sample_events(sample, 0.1, density=scipy.stats.uniform(0.0, 10.0))
    assert events.largest_gap.value == pytest.approx(0.4, rel=ROUNDING)
    assert not sample_events(sample, 0.1).largest_gap.holds
    assert events.largest_gap.holds


@pytest.mark.parametrize("delta", [0.0, 1.0, -0.5, 2.0])
def test_delta_must_be_a_probability_inside_its_interval(delta):
    with pytest.raises(
        ValueError, match=rf"`delta` must lie in \(0, 1\), got {delta}; it is a probability"
    ):
        sample_events(Sample([0.5], [1]), delta)


def test_events_are_valid_json():
    events = sample_events(draw_sample(30, 0.2, rng=3), 0.1)
    again = json.loads(json.dumps(events.to_dict(), allow_nan=False))
    assert again["largest_gap"]["name"] == "largest gap"
    assert again["collisions"]["holds"] is True


def test_the_lemma_holds_at_least_as_often_as_it_says():
    # Pr[E_x] ≥ 1 − δ/4 for large m
    delta, runs = 0.2, 200
    rng = generator(31)
    failures = sum(
        not sample_events(draw_sample(400, 0.1, rng=rng), delta).holds for _ in range(runs)
    )
    share = delta / 4
    assert failures / runs <= share + SIX_SIGMA * math.sqrt(share * (1 - share) / runs)


def test_paths_may_be_path_objects_or_strings(tmp_path: Path):
    Sample([0.5], [1]).save(str(tmp_path / "sample.csv"))
    assert Sample.load(tmp_path / "sample.csv").size == 1
