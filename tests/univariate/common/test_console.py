"""What the commands write: names out of files never steer the terminal."""

import unicodedata

import pytest

from univariate.common.console import complain, inform, remark
from univariate.common.program import _complain, _in_one_line

STEERING = "\x1b[2Ja\x07\rb\nc\x9bd\u202ee\u2028f"
SPELLED = r"\x1b[2Ja\x07\rb\nc\x9bd\u202ee\u2028f"
PLAIN = "p̂ = ½, « → ∞ », 名前, \N{NO-BREAK SPACE}10^5"


@pytest.mark.parametrize("say", [complain, inform, remark])
def test_control_characters_are_spelled(capsys, say):
    say(STEERING)
    say(PLAIN)
    said = capsys.readouterr()
    assert (said.out + said.err).split("\n") == [SPELLED, PLAIN, ""]


def test_errors_and_notes_are_one_line_that_steers_nothing(capsys):
    _complain(STEERING)
    error = capsys.readouterr().err
    note = _in_one_line(STEERING)
    for line in (error, note):
        assert line.endswith("\n")
        assert not any(unicodedata.category(letter)[0] == "C" for letter in line[:-1])
        assert r"\x1b[2Ja\x07 b c" in line
