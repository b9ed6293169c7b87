"""The ledger: complete, consistent with its witnesses, and regenerated from scratch at tiny
size.
"""

import csv
import re
from dataclasses import fields
from fractions import Fraction

import pytest

from benchmarks import frame
from benchmarks.ledger import row, table, witnesses
from benchmarks.ledger.registry import STATEMENTS, WITNESSES

# Every numbered statement of the paper, the remark, the two footnotes about expectations, and
# Section 5.
PAPER = {
    *(f"Theorem {number}" for number in ("2.1", "3.1", "3.2", "4.1", "4.3")),
    *(f"Proposition {number}" for number in ("4.4", "4.5", "4.6", "A.4", "A.5")),
    "Corollary A.3",
    *(f"Lemma A.{number}" for number in (1, 2, 6, 7)),
    *(f"Lemma B.{number}" for number in range(1, 10)),
    *(f"Lemma D.{number}" for number in (1, 2)),
    "Remark 4.2",
    "Footnote 2",
    "Footnote 4",
    "Section 5",
}

COMMITTED = frame.RESULTS / "ledger.csv"


def committed():
    with COMMITTED.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


NEW = {"Nearest-neighbour law"}  # goes past the paper


@pytest.mark.core
def test_no_statement_is_missing():
    assert {statement.name.split(",")[0] for statement in STATEMENTS} == PAPER | NEW
    assert len({statement.name for statement in STATEMENTS}) == len(STATEMENTS)


@pytest.mark.parametrize("name", WITNESSES)
def test_witnesses_replay_in_exact_arithmetic(name):
    conditions = WITNESSES[name]()
    assert conditions
    assert [condition.name for condition in conditions if not condition.holds] == []


def test_the_committed_ledger_is_that_of_the_registry():
    rows = committed()
    assert list(rows[0]) == [field.name for field in fields(row.Row)]
    assert [one["statement"] for one in rows] == [statement.name for statement in STATEMENTS]
    outcomes = {outcome.value: outcome for outcome in row.Outcome}
    for one in rows:
        assert outcomes[one["verdict"]].has_witness == bool(one["witness"])
        assert not one["witness"] or one["witness"] in WITNESSES
        assert row.Outcome.FAILS.value != one["verdict"], "a corrected form fails, too"
    assert {one["witness"] for one in rows} - {""} == set(WITNESSES)


def test_the_page_is_made_from_the_table():
    text = (frame.HERE / "LEDGER.md").read_text(encoding="utf-8")
    for one in committed():
        assert re.search(
            rf"^\| {re.escape(one['statement'])} \| {one['verdict']} \|", text, re.MULTILINE
        )


def test_regenerated_from_scratch_and_resumed(tmp_path):
    cheap = [
        one
        for one in STATEMENTS
        if one.name.split(",")[0] in ("Lemma B.4", "Lemma D.1", "Proposition 4.6")
    ]
    store, seen = tmp_path / "ledger.csv", []
    rows = table.complete(cheap, store, row.Size.TINY, "0", seen.append)
    assert [one.statement for one in rows] == [one.name for one in cheap]
    assert len(seen) == len(cheap)
    again = table.complete(cheap, store, row.Size.TINY, "0", seen.append)
    assert len(seen) == len(cheap)
    assert [one.figure for one in again] == [one.figure for one in rows]
    assert table.page(list(rows)).count("\n| ") == len(cheap) + 1


def test_a_refutation_needs_a_witness():
    finding = row.Finding("w", "t", 1, "s", row.Outcome.FAILS, "f")
    with pytest.raises(ArithmeticError, match="witness"):
        row.Row.of("x", finding, 1.0, row.Size.TINY, "0")


@pytest.mark.core
def test_exact_helpers():
    assert witnesses.binomial_tail(3, Fraction(1, 2), 2) == Fraction(1, 2)
    assert witnesses.least_exponential(Fraction(1)) < Fraction(27182818285, 10**10)
    assert witnesses.least_exponential(Fraction(1)) > Fraction(27182818, 10**7)
