"""Turns of commands that write to a folder, and how Windows, which locks files only, takes them."""

import errno
import os
import sys
import threading
from types import SimpleNamespace

import pytest

from univariate.common import turns

fcntl = pytest.importorskip("fcntl")


def locking(handle, mode, count):
    """Lock as `msvcrt` does, by what this system has."""
    assert (mode, count) == ("LK_NBLCK", 1)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


@pytest.fixture(params=["here", "as on Windows"])
def system(request, monkeypatch, tmp_path):
    (tmp_path / "temporary").mkdir()
    if request.param != "here":
        fake = SimpleNamespace(LK_NBLCK="LK_NBLCK", locking=locking)
        monkeypatch.setitem(sys.modules, "msvcrt", fake)
        monkeypatch.setattr(turns, "sys", SimpleNamespace(platform="win32"))
        monkeypatch.setattr(turns, "gettempdir", lambda: str(tmp_path / "temporary"))
    return request.param


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "results of ü"
    made.mkdir()
    return made


def test_one_after_the_other(system, folder, monkeypatch):
    held, told = threading.Event(), threading.Event()
    seen = []

    def write_slowly():
        with turns.alone_in([folder]):
            held.set()
            told.wait(60.0)
            seen.append("first")

    def hear(line):
        seen.append(line)
        told.set()

    monkeypatch.setattr(turns, "remark", hear)
    other = threading.Thread(target=write_slowly)
    other.start()
    held.wait()
    # by another spelling, and beside a folder that nobody holds
    with turns.alone_in([folder.parent, folder / ".." / folder.name]):
        seen.append("second")
    other.join()
    line = f"waiting for another command that writes to {folder.resolve()}"
    assert seen == [line, "first", "second"]
    assert not list(folder.iterdir())


def test_nobody_waits_once_a_turn_is_over(system, folder, monkeypatch):
    monkeypatch.setattr(turns, "remark", pytest.fail)
    had = []
    for turn in range(2):
        with turns.alone_in([folder]):
            had.append(turn)
    assert had == [0, 1]


def test_nobody_waits_where_there_are_no_locks(system, folder, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    monkeypatch.setattr(turns, "remark", pytest.fail)
    had = []
    with turns.alone_in([folder]), turns.alone_in([folder]):
        had.append("both")
    assert had == ["both"]


def test_of_a_file_that_was_replaced_the_new_one_is_held(system, folder, monkeypatch):
    """Who waits for a file that another process replaces would hold what nobody sees any more."""
    file, other = folder / "rows.csv", folder / "new"
    file.write_text("old")
    held, waited, seen = threading.Event(), threading.Event(), []

    def replace_slowly():
        with turns.alone_with(file):
            held.set()
            waited.wait(60.0)
            other.write_text("new")
            os.replace(other, file)
            seen.append("replaced")

    def hear(line):
        assert line == f"waiting for another command that writes to {file.resolve()}"
        waited.set()

    monkeypatch.setattr(turns, "_GRACE", 0.0)
    monkeypatch.setattr(turns, "remark", hear)
    thread = threading.Thread(target=replace_slowly)
    thread.start()
    held.wait()
    own = turns._is_still
    again = []
    monkeypatch.setattr(turns, "_is_still", lambda *given: again.append(own(*given)) or again[-1])
    with turns.alone_with(folder / ".." / folder.name / "rows.csv"):
        seen.append(file.read_text())
    thread.join()
    assert seen == ["replaced", "new"]
    assert again == ([False, True] if system == "here" else [True])
    with turns.alone_with(folder / "none"):
        assert not (folder / "none").exists()
