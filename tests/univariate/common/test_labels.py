"""Labels other than ±1 are mapped when told how, and never guessed."""

import re
import shlex

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common.labels import label_map_of, signs

OTHERS = {
    "0/1": ([0, 1], {0: -1, 1: 1}, "label_map={0: -1, 1: 1} or {0: 1, 1: -1} (--label-map 0=-1,1"),
    "1/2": ([1.0, 2.0], {1: 1, 2: -1}, "label_map={1: -1, 2: 1} or {1: 1, 2: -1}"),
    "truth": ([True, False], {True: 1, False: -1}, "label_map={True: -1, False: 1} or {True: 1"),
    "text": (["cat", "dog"], {"cat": 1, "dog": -1}, "label_map={'cat': -1, 'dog': 1} or {'cat'"),
    "digits": (["1", "0"], {1: 1, 0: -1}, "label_map={'1': -1, '0': 1} or {'1': 1, '0': -1}"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_without_a_map_the_message_says_which(kind):
    values, label_map, message = OTHERS[kind]
    for make in (u.Sample.from_arrays, highdim.SphereSample.from_arrays):
        with pytest.raises(ValueError, match=r"`y` must hold labels \+1 and -1 only") as caught:
            make([0.1, 0.2], values)
        assert message in str(caught.value)
        wanted = [label_map[int(v) if kind == "digits" else v] for v in values]
        assert make([0.1, 0.2], values, label_map=label_map).y.tolist() == wanted


@pytest.mark.parametrize(
    ("values", "label_map", "wanted"),
    [
        ([True, False], {1: 1, 0: -1}, [1, -1]),
        ([1, 0], {True: 1, False: -1}, [1, -1]),
        (["True", "False"], {True: -1, False: 1}, [-1, 1]),
        (["TRUE", "FALSE"], {True: -1, False: 1}, [-1, 1]),
        ([True, False], {"true": 1, "false": -1}, [1, -1]),
        ([" 1 ", "2.0"], {"1": -1, "2": 1}, [-1, 1]),
        ([b"a", b"b"], {"a": 1, "b": -1}, [1, -1]),
        ([3, 5, 8], {3: 1, 5: 1, 8: -1}, [1, 1, -1]),
        ([1, -1], {1: -1, -1: 1}, [-1, 1]),
        (["1", "-1"], None, [1, -1]),
        ([1.0, float("nan")], {1: 1, float("nan"): -1}, [1, -1]),  # which is not equal to itself
        (["a", "nan"], {"a": 1, "nan": -1}, [1, -1]),
        (["1_0", "10"], {"1_0": -1, 10: 1}, [-1, 1]),
        (np.array(["+1", "-1.0"], dtype=object), None, [1, -1]),
        # numbers of numpy's in objects, as a column of pandas with one entry of text was
        (np.array([np.int8(1), np.int64(-1)], dtype=object), None, [1, -1]),
        (np.array([np.bool_(True), np.float32(0)], dtype=object), {1: 1, 0: -1}, [1, -1]),
    ],
)
def test_keys_are_compared_as_numbers_or_text(values, label_map, wanted):
    found = signs("y", values, label_map)
    assert found.tolist() == wanted
    assert not found.flags.writeable


@pytest.mark.parametrize(
    ("values", "label_map", "error", "message"),
    [
        ([0, 1], {0: -1}, ValueError, r"got none for y\[1\] = 1; add 1 to"),
        ([0, 1], {0: -1, 1: 2}, ValueError, r"must map labels to \+1 and -1, got 1: 2"),
        ([0, 1], {0: -1, 1: "yes"}, TypeError, "`label_map` must be a real number, got 'yes'"),
        ([0, 1], {0: -1, "0": 1}, ValueError, "got both signs for '0'"),
        ([0, 1], {}, TypeError, "`label_map` must map labels"),
        ([0, 1], [-1, 1], TypeError, "`label_map` must map labels"),
        ([0, 1, 2], None, ValueError, "repair it, or map each of 0, 1, 2"),
        (np.linspace(0, 1, 50), None, ValueError, r"y is the label, \+1 or -1, not a value to fit"),
        ([None, 1], None, ValueError, r"got y\[0\] = None"),
        ([[], 1], None, ValueError, "`y` must be a rectangular array"),
        ([{}, 1], None, TypeError, "`y` must hold labels that are numbers or text"),
        ([True, True], None, ValueError, r"got y\[0\] = True"),
        ([], None, ValueError, "`y` must not be empty"),
        (["a", "b"], {"a": 1}, ValueError, "got none for .* = 'b'"),
        ([float("nan"), 1.0], {1: 1}, ValueError, "got none for .* = nan"),
    ],
)
def test_maps_and_labels_that_will_not_do(values, label_map, error, message):
    with pytest.raises(error, match=message):
        signs("y", values, label_map)


def test_maps_of_a_command_line():
    assert label_map_of(None) is None
    assert label_map_of("0=-1,1=+1") == {"0": -1.0, "1": 1.0}
    assert label_map_of("cat=1, dog=-1") == {"cat": 1.0, "dog": -1.0}
    assert label_map_of("a=b=1") == {"a=b": 1.0}
    for bad in ("", "0", "0=2", "0=-1,0=1", "0:1", "0=-1,0.0=1", ","):
        with pytest.raises(ValueError, match=r"`label.map` must"):
            label_map_of(bad)


@pytest.mark.parametrize("label", ["a,b", 'say "a", b', '"a"', "a=b", "it's", " a", "−", "$x"])
def test_any_label_can_be_typed(label):
    """What the message proposes, read by a shell."""
    with pytest.raises(ValueError, match="say which is which") as caught:
        signs("y", [label, "other"])
    proposed = re.search(r"\(--label-map (.*), or the other way round\)", str(caught.value))[1]
    (typed,) = shlex.split(proposed)
    found = signs("y", [label, "other"], label_map_of(typed))
    assert sorted(found.tolist()) == [-1.0, 1.0]


def test_a_truth_value_behind_a_1_is_no_label_unless_someone_says_so():
    """True equals 1, which stood for it."""
    mixed = np.array([1, True, -1], dtype=object)
    with pytest.raises(ValueError, match=r"got y\[1\] = True"):
        signs("y", mixed)
    assert signs("y", mixed, {1: 1, -1: -1}).tolist() == [1, 1, -1]


def test_a_map_of_several_labels_to_one_sign_is_refused():
    """As of --label-map 1=1,-1=1: the report was about a sample of one label."""
    several = {
        "got +1 for all of 1, -1; say which is which by label_map={1: -1, -1: 1}": ([1, -1, 1], 1),
        "got -1 for all of 'a', 'b'; say which is": (["a", "b"], -1),
        "got +1 for all of 0, 1, 2, ...; repair it, or map each of 0, 1, 2, 3 to": (range(4), 1),
        "got +1 for all of True, False; say which": ([True, False], 1),
    }
    for text, (labels, sign) in several.items():
        rule = "`label_map` must map some labels to +1 and others to -1, "
        with pytest.raises(ValueError, match=re.escape(rule + text)):
            signs("y", labels, dict.fromkeys(labels, sign))
    # one label, however it is written, or one that another may have the other sign of
    for labels, label_map in (
        ([1, 1], {1: -1, 2: -1}),
        (["1", "1.0"], {1: 1}),
        ([True, 1], {1: 1}),
    ):
        assert len(set(signs("y", np.array(labels, dtype=object), label_map).tolist())) == 1
    assert signs("y", [0, 2], {0: 1, 1: -1, 2: 1}).tolist() == [1.0, 1.0]
