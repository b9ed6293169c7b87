"""Verdicts, and results that read well and serialise."""

import copy
import csv
import dataclasses
import enum
import importlib
import io
import itertools
import json
import math
import pickle
import pkgutil
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import highdim
import univariate
from highdim.error.estimate import enclosure
from highdim.optimum.dual_bound import DualBound
from highdim.report.finding import Regime
from univariate.common.claim import Kind, Source
from univariate.common.enclosed import Enclosed, Number
from univariate.common.result import Result, Verdict, Word, plain
from univariate.paper.law.outcome import Difference
from univariate.paper.statements import Quantity


@dataclasses.dataclass(frozen=True, repr=False)
class Inner(Result):
    value: float
    verdict: Verdict


@dataclasses.dataclass(frozen=True, repr=False)
class Outer(Result):
    name: str
    inner: Inner
    array: np.ndarray
    exact: Fraction
    missing: object = None
    _hidden: int = 0


def outer() -> Outer:
    return Outer("a", Inner(0.1, Verdict.FAILS), np.array([1.0, math.inf]), Fraction(-1, 3))


# Verdicts


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_is_never_a_bool(verdict):
    with pytest.raises(
        TypeError, match=r"a Verdict is not a bool; compare it, as in `verdict is Verdict.HOLDS`"
    ):
        bool(verdict)
    with pytest.raises(TypeError, match="not a bool"):
        assert not verdict
    assert verdict != True  # noqa: E712
    assert verdict != False  # noqa: E712


def test_there_are_three_verdicts():
    assert {verdict.name: verdict.value for verdict in Verdict} == {
        "HOLDS": "HOLDS",
        "FAILS": "FAILS",
        "UNDECIDED": "UNDECIDED",
    }


@pytest.mark.parametrize("true", [True, np.True_])
def test_a_decided_condition_gives_a_verdict(true):
    assert Verdict.of(true) is Verdict.HOLDS
    assert Verdict.of(not true) is Verdict.FAILS


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_made_of_a_verdict_is_refused(verdict):
    with pytest.raises(TypeError, match="not a bool"):
        Verdict.of(verdict)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_copied_verdict_is_the_same_object(verdict):
    assert pickle.loads(pickle.dumps(verdict)) is verdict
    assert copy.deepcopy(verdict) is verdict
    assert Verdict(verdict.value) is verdict


# Words


def every_enum():
    every_result_class()  # imports all modules
    found, new = set(), [enum.Enum]
    while new:
        new = [one for parent in new for one in parent.__subclasses__() if one not in found]
        found.update(new)
    return {one for one in found if one.__module__.startswith(("univariate", "highdim"))} - {Word}


def test_every_member_of_an_enum_equals_its_text_and_prints_as_it():
    assert every_enum() >= {Verdict, Kind, Source, Regime, Quantity}
    for member in itertools.chain.from_iterable(every_enum()):
        text = member.value
        assert member == text
        assert text == member
        assert not member != text  # noqa: SIM202
        assert member != text + " "
        assert member != ""
        assert hash(member) == hash(text)
        assert {text: 1}[member] == {member: 1}[text] == 1
        assert (str(member), f"{member}", f"{member:>60}") == (text, text, f"{text:>60}")
        assert pickle.loads(pickle.dumps(member)) is member
        assert plain([member]) == [text]
        assert type(plain(member)) is str


def test_a_verdict_is_matched_by_member_and_by_text():
    match Verdict.FAILS:
        case "HOLDS":
            found = "text"
        case Verdict.FAILS:
            found = "member"
    assert found == "member"
    match Verdict.FAILS:
        case "FAILS":
            found = "text"
    assert found == "text"
    assert repr(Verdict.FAILS) == "<Verdict.FAILS: 'FAILS'>"
    assert Verdict.FAILS != Kind.OTHER
    assert Verdict.FAILS != None  # noqa: E711


def test_verdicts_stay_what_they_are_in_arrays_and_equal_texts_there():
    found = np.array(list(Verdict))
    assert found[0] is Verdict.HOLDS
    assert (found == "HOLDS").tolist() == [True, False, False]
    assert (np.array(["HOLDS", "FAILS"]) == Verdict.FAILS).tolist() == [False, True]
    assert np.str_("HOLDS") == Verdict.HOLDS == np.str_("HOLDS")


def test_verdicts_sort_and_are_written_to_tables_as_their_texts():
    assert sorted(Verdict) == ["FAILS", "HOLDS", "UNDECIDED"]
    assert sorted(["HOLDS", Verdict.UNDECIDED, Verdict.FAILS]) == ["FAILS", "HOLDS", "UNDECIDED"]
    assert Verdict.FAILS <= "FAILS" < Verdict.HOLDS
    with pytest.raises(TypeError):
        Verdict.FAILS < 1  # noqa: B015
    table = io.StringIO()
    csv.writer(table).writerow([Verdict.HOLDS, Kind.NOISE])
    assert table.getvalue().strip() == "HOLDS,noise level"


# Results


def test_dictionaries_hold_the_public_fields():
    assert outer().to_dict() == {
        "name": "a",
        "inner": {"value": 0.1, "verdict": "FAILS"},
        "array": [1.0, "inf"],
        "exact": "-1/3",
        "missing": None,
    }


def test_dictionaries_are_valid_json():
    assert json.loads(json.dumps(outer().to_dict(), allow_nan=False)) == outer().to_dict()


def test_text_form_is_one_line_of_words():
    assert (
        repr(outer()) == "Outer(name='a', inner=Inner(value=0.1, verdict=FAILS), array=[ 1. inf],"
        " exact=Fraction(-1, 3), missing=None)"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.zeros(5), "<5 array>"),
        (np.zeros((2, 3)), "<2x3 array>"),
        (np.zeros((1, 1)), "<1x1 array>"),
        ((np.zeros(9), (np.zeros((2, 2)), 1.0)), "(<9 array>, (<2x2 array>, 1))"),
        ((0.5,), "(0.5,)"),
        ((), "()"),
        (tuple(range(9)), "<tuple of 9>"),
        (1 / 3, "0.3333333333"),
        (np.float64(1e-300), "1e-300"),
        (np.float32(0.5), "0.5"),
        (math.inf, "inf"),
        (Verdict.UNDECIDED, "UNDECIDED"),
        ("text", "'text'"),
    ],
)
def test_text_form_of_values(value, text):
    assert repr(Inner(0.0, value)) == f"Inner(value=0, verdict={text})"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array(2.0), 2.0),
        (np.zeros((0, 2)), []),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array([True, False]), [True, False]),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (np.array([-np.inf]), ["-inf"]),
        ((1, [Fraction(1, 2), Verdict.HOLDS]), [1, ["1/2", "HOLDS"]]),
        ({1: np.float64(2.0), "a": (None,)}, {"1": 2.0, "a": [None]}),
        (None, None),
        (True, True),
        ("text", "text"),
    ],
    ids=repr,
)
def test_plain_values(value, expected):
    result = plain(value)
    assert result == expected
    assert type(result) is type(expected)
    json.dumps(result, allow_nan=False)


def test_plain_floats_keep_every_bit():
    numbers = np.array([0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0])
    assert np.array(json.loads(json.dumps(plain(numbers)))).tobytes() == numbers.tobytes()


# Equality


def every_result_class():
    for package in (univariate, highdim):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found, new = set(), [Result]
    while new:
        new = [one for parent in new for one in parent.__subclasses__() if one not in found]
        found.update(new)
    return {one for one in found if one.__module__.startswith(("univariate", "highdim"))}


def test_every_result_is_compared_by_value():
    classes = every_result_class()
    assert len(classes) > 60
    for one in classes:
        if dataclasses.is_dataclass(one):
            base = Number if issubclass(one, Number) else Result  # numbers: with numbers too
            assert one.__eq__ is base.__eq__, one
            assert one.__hash__ is base.__hash__, one
            assert all(field.compare for field in dataclasses.fields(one)), one


def test_results_with_different_arrays_differ():
    sample = univariate.Sample([0.25], [1.0])
    one, seven = (
        univariate.margins(univariate.ReluNet([1.0], [0.0], [height]), sample)
        for height in (1.0, 7.0)
    )
    assert one != seven
    again = univariate.margins(univariate.ReluNet([1.0], [0.0], [1.0]), sample)
    assert one == again
    assert hash(one) == hash(again)
    assert len({one, seven, again}) == 2


def test_equality_looks_into_every_part():
    @dataclasses.dataclass(frozen=True, repr=False)
    class Parts(Result):
        array: np.ndarray
        listed: tuple
        mapped: dict

    def parts(first=1.0, second=2.0, third=3.0):
        return Parts(np.array([first, 0.0]), (np.array([second]), "a"), {"key": np.array([third])})

    assert parts() == parts()
    assert hash(parts()) == hash(parts())
    assert parts() == dataclasses.replace(parts(), array=np.array([1.0, -0.0]))
    assert hash(parts()) == hash(dataclasses.replace(parts(), array=np.array([1.0, -0.0])))
    assert parts() != parts(first=9.0)
    assert parts() != parts(second=9.0)
    assert parts() != parts(third=9.0)
    assert parts() != dataclasses.replace(parts(), array=np.array([1.0]))
    assert parts() != "parts"
    assert parts(math.nan, math.nan) == parts(-math.nan, math.nan)
    assert hash(parts(math.nan, math.nan)) == hash(parts(-math.nan, math.nan))

    assert parts() == dataclasses.replace(parts(), array=np.array([1, 0]))
    assert hash(parts()) == hash(dataclasses.replace(parts(), array=np.array([1, 0])))

    for arrays in (
        (np.array([Fraction(1, 3), None]), np.array([Fraction(2, 6), None])),
        (np.array(["a"], "<U1"), np.array(["a"], "<U9")),
        (np.array([1j, 0.0]), np.array([1j, -0.0])),
    ):
        one, other = (dataclasses.replace(parts(), array=array) for array in arrays)
        assert one == other != parts()
        assert hash(one) == hash(other)

    # which net or sample it speaks of is no part of what it says
    @dataclasses.dataclass(frozen=True, repr=False)
    class Said(Result):
        value: float
        _subject: str

    assert Said(math.nan, "one") == Said(math.nan, "another")
    assert hash(Said(math.nan, "one")) == hash(Said(math.nan, "another"))
    assert Said(0.0, "one") != Said(1.0, "one")
    # a class that asks for no equality of its own has this one
    assert univariate.Sample([0.0], [1.0]) == univariate.Sample([0.0], [1.0])
    assert univariate.Sample([0.0], [1.0]) != univariate.Sample([0.0], [-1.0])


def test_results_that_are_numbers_behave_as_such():
    found = univariate.clean_error(univariate.ReluNet([1, -3, -1], [1, 1, 0], [0, -0.5, 0.25]))
    other = univariate.clean_error(univariate.ReluNet([1, -3, -1], [1, 1, 0], [0, -0.5, 0.25]))
    number = float(found)
    assert number == 0.625
    assert f"{found:.2f}" == "0.62"
    assert f"{found}" == repr(found)
    assert (found + 1, 1 + found, found - 1, 1 - found) == (1.625, 1.625, -0.375, 0.375)
    assert (2 * found, found * 2, found / 2, 5 / found) == (1.25, 1.25, 0.3125, 8.0)
    assert (-found, abs(found), found - other) == (-0.625, 0.625, 0.0)
    assert found < 2.0
    assert found <= other
    assert found > np.float64(-1.0)
    assert found >= Fraction(5, 8)
    assert found < 10**400
    assert found > Fraction(5, 8) - Fraction(1, 10**40)  # compared exactly, as floats are
    assert not found > other
    assert found == other
    assert np.asarray([found], dtype=float).tolist() == [number]
    with pytest.raises(TypeError):
        found + "1"
    with pytest.raises(TypeError):
        found < "1"  # noqa: B015


def standing_for(value):
    """Return every result that stands for a number, with this one."""
    error = univariate.CleanError(value, value, value, np.zeros((0, 2)))
    estimate = enclosure(value, value, value, 0, "arcs")
    return [
        error,
        univariate.NoisyError(value, value, value, 0.5, error, error),
        Difference(value, value, value),
        estimate,
        DualBound(value, 1.0, ("a", "b")),
    ]


def test_every_result_that_is_a_number_is_looked_at():
    found = {type(one) for one in standing_for(0.2)}
    assert found == {one for one in every_result_class() if issubclass(one, Number)} - {
        Number,
        Enclosed,
    }


@pytest.mark.parametrize("index", range(5))
def test_results_that_are_numbers_equal_their_numbers(index):
    zero, fifth = standing_for(0.0)[index], standing_for(0.2)[index]
    assert fifth == 0.2
    assert 0.2 == fifth  # noqa: SIM300
    assert not fifth != 0.2  # noqa: SIM202
    assert fifth != 0.25
    assert 0.25 != fifth  # noqa: SIM300
    assert fifth != "0.2"
    for none in (0, 0.0, -0.0, Fraction(0), Decimal(0), False, np.float32(0), np.int64(0)):
        assert zero == none
        assert none == zero
        assert not zero != none  # noqa: SIM202
        assert fifth != none
        assert hash(zero) == hash(none)
        assert zero <= none <= zero
    for one in (Fraction(1, 5), Decimal("0.2"), np.float32(0.2), np.longdouble("0.2"), 10**400):
        # none of them is the double 0.2, not even those that it would be rounded to
        assert fifth != one
        assert one != fifth
        assert (fifth < one) is not (fifth > one)
    assert hash(fifth) == hash(0.2)
    assert {0.2: "fifth"}[fifth] == "fifth"
    assert fifth in (0.1, 0.2)


@pytest.mark.parametrize("index", range(5))
def test_truth_of_results_that_are_numbers_is_that_of_the_number(index):
    zero, fifth, unknown = (standing_for(value)[index] for value in (0.0, 0.2, math.nan))
    assert [bool(one) for one in (zero, fifth, unknown)] == [False, True, True]
    assert unknown not in (0.0, 0.2)
    assert unknown == standing_for(math.nan)[index]
    assert hash(unknown) == hash(standing_for(math.nan)[index])
    assert np.mean([one == 0 for one in (zero, fifth)]) == 0.5
    assert (np.array([zero, fifth]) == 0.2).tolist() == [False, True]
    assert (np.array([0.0, 0.2]) == fifth).tolist() == [False, True]


@pytest.mark.parametrize("index", range(5))
def test_two_results_that_are_numbers_are_equal_as_results(index):
    one = standing_for(0.2)[index]
    named = "low" if hasattr(one, "low") else "sup_bound"
    another = dataclasses.replace(one, **{named: 0.1})
    assert one == standing_for(0.2)[index]
    assert one != another
    assert hash(one) == hash(another)  # as both are equal to 0.2
    assert one != standing_for(0.2)[index - 1]


# Notebooks


class Page(HTMLParser):
    """Elements that are open, and all text; fails where tags do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.text = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_a_notebook_shows_every_field_and_escapes_text():
    result = dataclasses.replace(outer(), name="<script>&", missing=[Inner(1.5, Verdict.HOLDS)])
    text = " ".join(Page(result._repr_html_()).text)
    for part in ("Outer", "<script>&", "FAILS", "-1/3", "value 0.1", "value 1.5"):
        assert part in text
    assert "_hidden" not in text
    assert "here/a" in dataclasses.replace(outer(), missing=Path("here/a"))._repr_html_()
    assert "<script>" not in result._repr_html_()


def test_long_sequences_are_cut_and_counted():
    many = dataclasses.replace(outer(), missing=[Inner(0.0, Verdict.HOLDS)] * 60)
    assert "and 10 more" in " ".join(Page(many._repr_html_()).text)


def test_a_notebook_shows_reports_and_nets():
    sample = univariate.draw_sample(8, 0.3, rng=1)
    best = univariate.max_margin(sample)
    theorem = univariate.theorem_3_2(best.net, sample)
    for result in (sample, best.net, best, theorem, univariate.certify(best.net, sample)):
        text = " ".join(Page(result._repr_html_()).text)
        assert type(result).__name__ in text
    assert theorem.reason in " ".join(Page(theorem._repr_html_()).text)


def test_whether_a_net_interpolates_is_true_or_false():
    """`if interpolates(net, sample)` held of nets that do not; counts of it were those of all."""
    sample = univariate.draw_sample(12, 0.25, rng=0)
    bad = univariate.ReluNet([1.0, -3.0, -1.0], [1.0, 1.0, 0.0], [0.0, -0.5, 0.25])
    good = univariate.max_margin(sample).net
    found = [univariate.interpolates(net, sample) for net in (good, bad)]
    assert [bool(one) for one in found] == [True, False]
    assert [one.verdict for one in found] == ["HOLDS", "FAILS"]
    assert sum(map(bool, found)) == 1


def test_what_has_a_verdict_is_no_bool_and_says_what_to_ask():
    """`assert recheck(…)` passed with FAILS, and `all(hypotheses)` was true."""
    sample = univariate.draw_sample(12, 0.25, rng=0)
    net = univariate.ReluNet([1.0, -3.0, -1.0], [1.0, 1.0, 0.0], [0.0, -0.5, 0.25])
    certificate = univariate.kkt_certificate(net, sample)
    theorem = univariate.theorem_3_2(net, sample)
    checked = univariate.recheck(certificate, net, sample)
    points = highdim.draw_sphere_sample(4, 3, 0.25, rng=0)
    start = highdim.init_network(3, 3, rng=0)
    there = highdim.kkt_certificate(start, points)
    several = certificate, checked, theorem, *theorem.hypotheses, there
    for one in several:
        with pytest.raises(TypeError, match=rf"class {type(one).__name__} is not a bool; ask for"):
            bool(one)
        assert one.verdict in {"HOLDS", "FAILS", "UNDECIDED"}
    # of other results that they are there is all there is to say
    assert sample
    assert net
