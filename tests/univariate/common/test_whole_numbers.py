"""Whole numbers in tables: those that are no doubles are refused, as two of them may be one."""

import json

import numpy as np
import pytest

import highdim as h
import univariate as u

BIG = 1_700_000_000_000_000_000
ROWS = [(BIG + 1, 1), (BIG + 3, 1), (BIG + 900, -1), (BIG + 1003, 1)]
EXACT = [(BIG, 1), (BIG + 256, -1), (-(2**60), 1), (2**53, -1), (10**22, 1)]

FORMS = {
    "names": lambda rows: "x,y\n" + "".join(f"{x},{y}\n" for x, y in rows),
    "no names": lambda rows: "".join(f"{x}\t{y}\n" for x, y in rows),
    "quotes": lambda rows: "x;y\n" + "".join(f'"{x}";{y}\n' for x, y in rows),
    "classes": lambda rows: "x,y\n" + "".join(f"{x},{'ab'[y > 0]}\n" for x, y in rows),
    "index": lambda rows: ",y,x\n" + "".join(f"{k},{y},{x}\n" for k, (x, y) in enumerate(rows)),
    "signs": lambda rows: "x,y\n" + "".join(f"{x:+d},{y}\n" for x, y in rows),
    "records": lambda rows: json.dumps([{"x": x, "y": y} for x, y in rows]),
}


def load(folder, text, name):
    path = folder / "file"
    path.write_text(text)
    return u.Sample.load(path, label_map={"a": -1, "b": 1} if name == "classes" else None)


@pytest.mark.parametrize("name", FORMS)
def test_whole_numbers_that_are_no_doubles_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=rf"{BIG + 1}, which is rounded to 1.7e\+18; subtract a"):
        load(tmp_path, FORMS[name](ROWS), name)


@pytest.mark.parametrize("name", FORMS)
def test_whole_numbers_that_are_doubles_are_read(tmp_path, name):
    found = load(tmp_path, FORMS[name](EXACT), name)
    assert list(map(int, found.x)) == sorted(x for x, _ in EXACT)


def test_what_the_message_says_is_read(tmp_path):
    rows = [(f"{float(x):.17g}", y) for x, y in ROWS[:3]]
    assert load(tmp_path, FORMS["names"](rows), "names").x[0] == float(BIG)
    shifted = [(x - BIG, y) for x, y in ROWS]
    assert load(tmp_path, FORMS["names"](shifted), "names").x.tolist() == [1, 3, 900, 1003]


def test_coordinates_are_refused_too(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text(f"a,b,y\n0.5,{BIG},1\n0.25,{BIG + 1},-1\n")
    with pytest.raises(ValueError, match=f"line 3: .* got {BIG + 1}, which is rounded"):
        h.SphereSample.load(path)


def test_samples_of_large_numbers_are_saved_and_read(tmp_path):
    sample = u.Sample(
        np.array([-(2.0**400), 2.0**53, 1e16 + 2.0, 1e22, 2.0**80]), [1, -1, 1, -1, 1]
    )
    sample.save(tmp_path / "s.csv")
    assert u.Sample.load(tmp_path / "s.csv") == sample
    np.savetxt(tmp_path / "t.txt", np.column_stack([sample.x, sample.y]))
    assert u.Sample.load(tmp_path / "t.txt") == sample
