"""Devices, pipes and links: written through or followed, never replaced."""

import os
import stat
import threading

import numpy as np
import pytest

from highdim.sweeps.store import Store
from univariate.common.files import load_arrays, save_arrays, write_atomically
from univariate.common.outputs import remove, require_endings, require_free, require_places
from univariate.common.special_files import is_special
from univariate.problem.network import ReluNet
from univariate.problem.network_files import load_network
from univariate.report.comparison import read_comparison

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")

NET = ReluNet([1.0, 2.0], [1.0, -1.0], [0.0, 0.5])


@pytest.fixture
def pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def beside(action):
    """Run an action in a thread, and return a function that waits for its value."""
    found = []
    thread = threading.Thread(target=lambda: found.append(action()), daemon=True)
    thread.start()

    def value():
        thread.join(10.0)
        return found[0]

    return value


def test_a_pipe_gets_what_is_written_and_stays_a_pipe(pipe):
    got = beside(pipe.read_bytes)
    require_places({"json": pipe})
    require_free([pipe], overwrite=False)
    require_endings("save_net", pipe, [".npz"])
    remove([pipe])
    assert write_atomically(pipe, lambda stream: stream.write(b"whole")) == pipe
    assert got() == b"whole"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_stays_a_device(tmp_path):
    link = tmp_path / "link"
    link.symlink_to(os.devnull)
    remove([link])
    require_places({"json": link, "save_net": link})
    write_atomically(link, lambda stream: stream.write(b"gone"))
    assert link.is_symlink()
    assert stat.S_ISCHR(link.stat().st_mode)


def test_an_open_file_is_gone_on_with(tmp_path):
    with (tmp_path / "log").open("wb") as stream:
        stream.write(b"before ")
        stream.flush()
        write_atomically(f"/dev/fd/{stream.fileno()}", lambda one: one.write(b"between "))
        stream.write(b"after")
    assert (tmp_path / "log").read_bytes() == b"before between after"


def test_of_a_link_the_target_is_replaced(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    with pytest.raises(FileExistsError, match="`overwrite` must be given"):
        require_free([link], overwrite=False)
    remove([link])
    assert link.is_symlink()
    assert not target.exists()
    write_atomically(link, lambda stream: stream.write(b"new"))
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_whose_reader_goes_away_is_one_line(pipe):
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def write(stream):
        os.close(reader)
        stream.write(b"much")

    with pytest.raises(OSError, match=r"writing '.*pipe' failed: Broken pipe; what it got"):
        write_atomically(pipe, write)
    assert is_special(pipe)


def test_networks_and_arrays_are_read_from_pipes_once(tmp_path, pipe):
    NET.save(tmp_path / "net.npz")
    content = (tmp_path / "net.npz").read_bytes()
    done = beside(lambda: pipe.write_bytes(content))
    assert np.array_equal(load_network(pipe).v, NET.v)
    done()
    done = beside(lambda: pipe.write_bytes(content))
    assert load_arrays(pipe)[0] == "univariate.ReluNet/1"
    done()


def test_what_is_read_again_later_is_a_regular_file(pipe):
    with pytest.raises(ValueError, match=r"`path` must be a regular file, .* got '.*pipe'"):
        read_comparison(pipe)
    with pytest.raises(ValueError, match=r"`store` must be a regular file, .* got '.*pipe'"):
        Store(pipe, "1")


def test_a_name_that_no_device_has_is_a_file(tmp_path):
    save_arrays(tmp_path / "fd", "some/1", {})
    assert not is_special(tmp_path / "fd")
    assert not is_special(tmp_path)
    assert not is_special(tmp_path / "missing")
