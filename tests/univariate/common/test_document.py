"""JSON is data: what is read again is what was written, whatever the stream can encode."""

import codecs
import io
import json
import sys

import pytest

from univariate.common.console import speak_plainly
from univariate.common.document import write_document
from univariate.common.outputs import STANDARD_OUTPUT

CONTENT = {"finding": "“all” of θ ≤ ½, — 🂡", "origin": {"command": 'dé"ta.csv n\udcff.npz'}}
"""Quotes that are plainly those of JSON, characters beyond two bytes, and a byte of a file name
that is no UTF-8.
"""


def written(monkeypatch, encoding) -> bytes:
    """What goes to a standard output of this encoding, of a program that speaks plainly."""
    stream = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stream, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    speak_plainly()
    write_document(CONTENT, STANDARD_OUTPUT, "test/1")
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "UTF8", "utf-16"])
def test_standard_output_holds_what_was_written(monkeypatch, encoding):
    found = written(monkeypatch, encoding)
    read = json.loads(found.decode(encoding))
    assert {name: read[name] for name in CONTENT} == CONTENT
    if encoding != "utf-16":
        assert json.loads(found) == read  # for readers who take it for UTF-8
    # where it is UTF-8 people can read it
    in_utf_8 = codecs.lookup(encoding).name == "utf-8"
    assert ("“all” of θ".encode() in found) == in_utf_8


def test_a_stream_of_text_holds_what_was_written(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    write_document(CONTENT, STANDARD_OUTPUT, "test/1")
    read = json.loads(sys.stdout.getvalue())
    assert {name: read[name] for name in CONTENT} == CONTENT


def test_files_are_in_utf_8_whatever_the_names_of_others_are(tmp_path):
    found = write_document(CONTENT, tmp_path / "a.json", "test/1").read_bytes()
    read = json.loads(found.decode("utf-8"))
    assert {name: read[name] for name in CONTENT} == CONTENT
    assert "“all” of θ ≤ ½, — 🂡".encode() in found
