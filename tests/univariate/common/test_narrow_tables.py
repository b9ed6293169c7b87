"""Tables of numbers on narrow screens: every number stays whole."""

import io
import re

import pytest
from rich.console import Console

import univariate as u
from highdim.sweeps.screen import sweep_numbers, sweep_table
from univariate.cli import compare_command, study_command
from univariate.common.screens import Numbers
from univariate.report.comparison_rows import summaries
from univariate.report.screens.parts import plain_table


def shown(what, width):
    screen = Console(file=io.StringIO(), width=width, highlight=False)
    screen.print(what)
    return screen.file.getvalue()


def numbers_in(text):
    return sorted(re.findall(r"(?<!\w)\d[\d.,]*(?!\w)", text))


SWEEP = [
    {
        "m": 20,
        "d": d,
        "width": 50,
        "depth": 2,
        "p": p,
        "seed": seed,
        "interpolates": True,
        "clean_error": p * 0.6180339 + d / 1000 + seed / 100,
    }
    for d in (20, 10_000)
    for p in (0.05, 0.125, 0.3)
    for seed in (0, 1)
]


def study(screen, folder):
    rows = u.run_study([20, 4000], [0.1], range(2), folder / "study.csv")
    study_command._show(screen, list(rows))


def comparison(screen, folder):
    makers = {"the rule of the nearest neighbour": u.NearestNeighbours, "NW": u.NadarayaWatson}
    rows = list(u.compare(makers, [20], [0.1, 0.2], range(2), folder / "rows.csv"))
    screen.print(Numbers(compare_command._table(summaries(rows))))


def sweep(screen, folder):
    screen.print(sweep_numbers(SWEEP))


@pytest.mark.parametrize("show", [study, comparison, sweep])
def test_numbers_are_whole_on_any_screen(tmp_path, show):
    wide, narrow = {}, {}
    for width in (200, 72, 40, 30):
        screen = Console(file=io.StringIO(), width=width, highlight=False)
        show(screen, tmp_path)
        text = screen.file.getvalue()
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width
        (wide if width == 200 else narrow)[width] = set(numbers_in(text))
    for found in narrow.values():
        assert wide[200] <= found


def test_what_fits_is_a_table():
    table = plain_table("m", "p", "mean L_cl")
    table.add_row("1,000", "0.1", "0.12345")
    least = max(len(line) for line in shown(table, 200).splitlines())
    assert shown(Numbers(table), least) == shown(table, 200)
    assert shown(Numbers(table), least - 1) == "m 1,000  p 0.1\n  mean L_cl 0.12345\n"
    assert shown(sweep_numbers(SWEEP), 100) == shown(sweep_table(SWEEP), 100)


def test_a_word_that_is_too_long_goes_on():
    table = plain_table("rule", "p")
    table.add_row("a" * 40, "0.1")
    text = shown(Numbers(table), 20)
    assert text.count("a") == 40
    assert "0.1" in text
