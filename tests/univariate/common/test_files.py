"""Files that never lose data: complete or not at all, read without executing anything."""

import errno
import io
import os
import pickle
import tempfile
import zipfile

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common import files
from univariate.common.changes import changes_noted
from univariate.common.files import (
    existing,
    expect_schema,
    load_arrays,
    save_arrays,
    write_atomically,
)
from univariate.common.outputs import remove
from univariate.problem.deep_network import DeepReluNet
from univariate.problem.network import ReluNet
from univariate.problem.network_files import load_network
from univariate.problem.sample import Sample

SHALLOW, DEEP, SAMPLE = "univariate.ReluNet/1", "univariate.DeepReluNet/1", "univariate.Sample/1"

SMALL = 3
LARGE = 5000  # far beyond any buffer: writing fails before closing


def shallow(size):
    return ReluNet(np.arange(size) + 0.5, np.ones(size), -np.ones(size))


def deep(size):
    return DeepReluNet([(np.ones((size, 1)), np.ones(size)), (np.ones((1, size)), [0.5])])


def sample(size):
    return Sample(np.arange(size) / 7.0, np.ones(size))


WRITERS = [
    pytest.param(shallow, "net.npz", id="net"),
    pytest.param(deep, "net.npz", id="deep net"),
    pytest.param(sample, "sample.npz", id="sample"),
    pytest.param(sample, "sample.csv", id="csv"),
]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Writing


class FullDisk:
    """A stream with room for so many bytes and no more."""

    def __init__(self, stream, room):
        self.stream, self.room = stream, room

    def write(self, data):
        if self.stream.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.stream.write(data)

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stream.close()


@pytest.mark.parametrize("room", [0, 10, 100, 500])
@pytest.mark.parametrize(("make", "name"), WRITERS)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, make, name, room):
    make(SMALL).save(tmp_path / name)
    before = contents(tmp_path)
    fdopen = os.fdopen
    monkeypatch.setattr(files.os, "fdopen", lambda *arguments: FullDisk(fdopen(*arguments), room))
    with pytest.raises(
        OSError, match=rf"writing '.*{name}' failed: No space left on device; nothing was changed"
    ):
        make(LARGE).save(tmp_path / name)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize(("make", "name"), WRITERS)
def test_a_real_limit_on_file_size_leaves_the_old_file_and_nothing_else(tmp_path, make, name, size):
    resource = pytest.importorskip("resource")
    make(SMALL + 1).save(tmp_path / name)
    before = contents(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        with pytest.raises(OSError, match=rf"writing '.*{name}' failed: .*; nothing was changed"):
            make(size).save(tmp_path / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert contents(tmp_path) == before


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
def test_an_interruption_while_writing_leaves_the_old_file_and_nothing_else(tmp_path, interruption):
    (tmp_path / "file").write_bytes(b"old")

    def half(stream):
        stream.write(b"new, but")
        raise interruption

    with pytest.raises(interruption):
        write_atomically(tmp_path / "file", half)
    assert contents(tmp_path) == {"file": b"old"}


@pytest.mark.parametrize(("make", "name"), WRITERS)
def test_control_c_while_saving_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch, make, name
):
    make(SMALL).save(tmp_path / name)
    before = contents(tmp_path)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "chmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make(LARGE).save(tmp_path / name)
    assert contents(tmp_path) == before


def test_control_c_just_after_the_renaming_leaves_the_new_file(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"old")
    replace = os.replace

    def replaced_then_interrupted(source, target):
        replace(source, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", replaced_then_interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", lambda stream: stream.write(b"new"))
    assert contents(tmp_path) == {"file": b"new"}


def test_errors_of_the_writer_itself_pass_through(tmp_path):
    def mistaken(_):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        write_atomically(tmp_path / "file", mistaken)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(("make", "name"), WRITERS)
def test_a_folder_that_refuses_writing_is_named(tmp_path, monkeypatch, make, name):
    def refused(**_):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.raises(
        OSError,
        match=rf"`path` must be writable, got '.*{name}': Permission denied; choose another",
    ):
        make(SMALL).save(tmp_path / name)


@pytest.mark.parametrize(("make", "name"), WRITERS)
def test_a_missing_folder_is_named(tmp_path, make, name):
    with pytest.raises(
        OSError,
        match=r"`path` must be writable, got '.*nowhere.*': No such file .*; choose another",
    ):
        make(SMALL).save(tmp_path / "nowhere" / name)
    assert contents(tmp_path) == {}


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(
        OSError, match=r"`path` must be writable, got '.*file.net': Not a directory; choose another"
    ):
        shallow(SMALL).save(tmp_path / "file" / "net")


def test_a_folder_in_place_of_the_file_is_left_alone(tmp_path):
    (tmp_path / "net").mkdir()
    with pytest.raises(OSError, match=r"writing '.*net' failed: .*; nothing was changed"):
        shallow(SMALL).save(tmp_path / "net")
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


@pytest.mark.parametrize(("make", "name"), WRITERS)
def test_a_complete_file_replaces_the_old_one(tmp_path, make, name):
    make(LARGE).save(tmp_path / name)
    make(SMALL).save(tmp_path / name)
    assert type(make(SMALL)).load(tmp_path / name).to_dict() == make(SMALL).to_dict()
    assert len(contents(tmp_path)) == 1


def test_the_path_written_is_returned(tmp_path):
    assert (
        write_atomically(str(tmp_path / "file"), lambda stream: stream.write(b"1"))
        == tmp_path / "file"
    )
    assert save_arrays(tmp_path / "arrays", "s", {}) == tmp_path / "arrays"


def test_the_same_content_gives_the_same_bytes(tmp_path):
    shallow(SMALL).save(tmp_path / "first")
    shallow(SMALL).save(tmp_path / "second")
    assert len(set(contents(tmp_path).values())) == 1


# Reading


def written(tmp_path, schema, **arrays):
    path = tmp_path / "file.npz"
    np.savez(path, schema=np.array(schema), **arrays)
    return path


LOADERS = [ReluNet.load, DeepReluNet.load, Sample.load, load_network]
STRICT = [ReluNet.load, DeepReluNet.load]  # read what `save` wrote alone


@pytest.mark.parametrize("load", LOADERS)
def test_a_missing_file_is_named(tmp_path, load):
    with pytest.raises(
        FileNotFoundError, match=r"`path` must name an existing file, got '.*'; check"
    ):
        load(tmp_path / "missing.npz")
    with pytest.raises(IsADirectoryError, match="must be a file, got the folder"):
        load(tmp_path)


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def archive(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("load", STRICT)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"v,w,b\n1,2,3\n",
        b"PK\x03\x04",
        npy(np.ones(3)),
        archive(schema=b"univariate.ReluNet/1", v=b"1"),
        archive(**{"v.npy": b"\x93NUMPY\x01\x00"}),
        archive(**{"v.npy": npy(np.ones(3))[:-1]}),
    ],
    ids=[
        "empty",
        "text",
        "only a signature",
        "npy",
        "no arrays inside",
        "no array header",
        "short array",
    ],
)
def test_files_that_are_no_archives_of_arrays_are_refused(tmp_path, load, content):
    (tmp_path / "file.npz").write_bytes(content)
    with pytest.raises(
        ValueError,
        match=r"file\.npz' is not a readable \.npz file \(.*\); it may be .*, save it again",
    ):
        load(tmp_path / "file.npz")


@pytest.mark.parametrize("schema", [None, np.array(3), np.array(["a", "b"]), np.array(b"bytes")])
def test_files_without_a_schema_are_refused(tmp_path, schema):
    arrays = {"v": np.ones(1)} if schema is None else {"v": np.ones(1), "schema": schema}
    np.savez(tmp_path / "file.npz", **arrays)
    with pytest.raises(
        ValueError, match=r"file\.npz' names no schema; save it with this package's \.save"
    ):
        load_arrays(tmp_path / "file.npz")


@pytest.mark.parametrize("load", [ReluNet.load, DeepReluNet.load, Sample.load])
@pytest.mark.parametrize("found", [SHALLOW, DEEP, SAMPLE, "univariate.ReluNet/2", "other"])
def test_files_of_another_schema_are_refused(tmp_path, load, found):
    wanted = {ReluNet.load: SHALLOW, DeepReluNet.load: DEEP, Sample.load: SAMPLE}[load]
    path = written(tmp_path, found)
    message = (
        rf"file\.npz' holds '{found}', expected '{wanted}'; load it"
        if found != wanted
        else "lacks|empty"
    )
    with pytest.raises(ValueError, match=message):
        load(path)


def test_a_network_is_not_read_from_a_sample(tmp_path):
    sample(SMALL).save(tmp_path / "file")
    with pytest.raises(
        ValueError, match=f"holds '{SAMPLE}', expected '{SHALLOW}'; load it with the matching class"
    ):
        load_network(tmp_path / "file")


def test_the_right_schema_passes():
    assert expect_schema("file", SHALLOW, SHALLOW) is None


@pytest.mark.parametrize(
    ("load", "schema", "present", "message"),
    [
        (ReluNet.load, SHALLOW, ["v", "b"], "lacks the arrays w; it may be damaged, save it again"),
        (
            DeepReluNet.load,
            DEEP,
            ["W0", "b1"],
            "lacks the arrays b0; it may be damaged, save it again",
        ),
        (
            DeepReluNet.load,
            DEEP,
            ["W0", "b0", "W2", "b2"],
            "lacks the arrays W1, b1; it may be damaged",
        ),
        (Sample.load, SAMPLE, ["x"], "lacks x or y; it may be damaged, save it again"),
    ],
)
def test_files_that_lack_arrays_are_refused(tmp_path, load, schema, present, message):
    path = written(
        tmp_path, schema, **{name: np.ones((1, 1) if name[0] == "W" else 1) for name in present}
    )
    with pytest.raises(ValueError, match=rf"file\.npz' {message}"):
        load(path)


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (np.array([np.nan]), ValueError, r"`v` must be finite, got v\[0\] = nan"),
        (np.ones((1, 1)), ValueError, r"`v` must be one-dimensional, got shape \(1, 1\)"),
        (np.ones(2), ValueError, "`v`, `w`, `b` must have one length"),
        (np.array(["1"]), TypeError, "`v` must hold real numbers, got dtype <U1"),
        (np.array([1j]), TypeError, "`v` must hold real numbers, got dtype complex128"),
    ],
)
def test_arrays_from_a_file_are_checked_like_any_others(tmp_path, array, error, message):
    with pytest.raises(error, match=message):
        ReluNet.load(written(tmp_path, SHALLOW, v=array, w=np.ones(1), b=np.ones(1)))


def test_arrays_of_other_number_types_are_lifted(tmp_path):
    path = written(
        tmp_path,
        SHALLOW,
        v=np.array([1], np.int32),
        w=np.array([0.1], np.float32),
        b=np.array([1.5]),
    )
    assert ReluNet.load(path).w.tolist() == [float(np.float32(0.1))]


class Trap:
    """Writes a file when unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("form", ["object array", "bare pickle"])
def test_pickles_are_refused_without_being_executed(tmp_path, load, form):
    path = tmp_path / "file.npz"
    trap = Trap(tmp_path / "executed")
    if form == "bare pickle":
        path.write_bytes(pickle.dumps(trap))
    else:
        np.savez(path, schema=np.array(SHALLOW), v=np.array([trap], dtype=object))
    with pytest.raises(
        ValueError,
        match=r"file\.npz' is (not a readable .*; it may be truncated or pickled|a pickle)",
    ):
        load(path)
    assert list(contents(tmp_path)) == ["file.npz"]


def test_truncation_anywhere_is_noticed(tmp_path):
    path = tmp_path / "net.npz"
    shallow(SMALL).save(path)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 7), *range(len(whole) - 30, len(whole))]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"net\.npz' is not a readable \.npz file"):
            ReluNet.load(path)


@pytest.mark.parametrize("pattern", [0x01, 0xFF])
def test_no_damaged_byte_changes_a_number(tmp_path, pattern):
    path = tmp_path / "net.npz"
    net = shallow(SMALL)
    net.save(path)
    whole = path.read_bytes()
    noticed, places = 0, range(0, len(whole), 4)
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= pattern
        path.write_bytes(damaged)
        try:
            loaded = ReluNet.load(path)
        except ValueError:
            noticed += 1
        else:
            assert loaded.to_dict() == net.to_dict(), place
    assert noticed > len(places) / 2


def test_what_was_saved_is_loaded(tmp_path):
    arrays = {"a": np.arange(3), "b": np.array([[0.1, -0.0]]), "c": np.zeros((0, 2))}
    schema, loaded = load_arrays(save_arrays(tmp_path / "file", "some schema/1", arrays))
    assert schema == "some schema/1"
    assert loaded.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (loaded[name].dtype, loaded[name].shape) == (array.dtype, array.shape)
        assert loaded[name].tobytes() == array.tobytes()


def test_arrays_of_ones_own(tmp_path):
    np.savez(tmp_path / "own.npz", x=[0.5, 0.25], y=[1.0, -1.0])
    sample = Sample.load(tmp_path / "own.npz")
    np.testing.assert_array_equal(sample.x, [0.25, 0.5])
    np.testing.assert_array_equal(sample.y, [-1.0, 1.0])
    np.savez(tmp_path / "other.npz", t=[0.5], y=[1.0])
    with pytest.raises(
        ValueError, match=r"must hold inputs x and labels y, got t, y; save these two by numpy"
    ):
        Sample.load(tmp_path / "other.npz")


def _takers():
    """Public functions that take a path, by name."""
    sample = u.Sample([0.1, 0.2], [1, -1])
    net = u.ReluNet([1.0], [1.0], [0.0])
    sphere = highdim.SphereSample(np.eye(2), [1.0, -1.0])
    row = {"m": 1}
    return {
        "Sample.load": u.Sample.load,
        "Sample.save": sample.save,
        "load_network": u.load_network,
        "ReluNet.save": net.save,
        "Trajectory.load": u.Trajectory.load,
        "compare": lambda path: next(u.compare({"a": u.NearestNeighbours}, [9], [0.1], [0], path)),
        "run_study": lambda path: next(u.run_study([9], [0.1], [0], path)),
        "read_comparison": u.read_comparison,
        "SphereSample.load": highdim.SphereSample.load,
        "SphereSample.save": sphere.save,
        "highdim.load_network": highdim.load_network,
        "export": lambda path: highdim.export([row], path),
        "sweep": lambda path: highdim.sweep([], path),
    }


@pytest.mark.parametrize("name", _takers())
@pytest.mark.parametrize("path", [7, None, b"rows.csv", ["rows.csv"]], ids=str)
def test_what_is_no_path_is_said(name, path):
    with pytest.raises(TypeError, match=r"`(path|store)` must be a path, got \w+; pass a text or"):
        _takers()[name](path)


@pytest.mark.parametrize(
    ("inside", "remedy"),
    [
        ([], "name a file in it$"),
        (["config.json", "model.onnx"], r"name a file in it, 'model\.onnx' perhaps"),
        (["a.pt", "b.pt"], "name a file in it$"),
        (["saved_model.pb", "a.pt"], "SavedModel of TensorFlow is not read, save the arrays"),
    ],
)
def test_folders_are_refused_with_what_to_do(tmp_path, inside, remedy):
    for name in inside:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(IsADirectoryError, match=f"must be a file, got the folder .*; {remedy}"):
        existing(tmp_path)


def test_a_full_disk_is_told_with_what_a_command_has_changed_before(tmp_path, monkeypatch):
    old = tmp_path / "old.npz"
    shallow(SMALL).save(old)
    with changes_noted():
        shallow(SMALL).save(tmp_path / "one.npz")
        remove([old, tmp_path / "none.npz"])
        fdopen = os.fdopen
        monkeypatch.setattr(files.os, "fdopen", lambda *given: FullDisk(fdopen(*given), 10))
        told = rf"device; written before: {tmp_path}/one.npz; removed before: {old}$"
        with pytest.raises(OSError, match=told):
            shallow(LARGE).save(tmp_path / "two.npz")
    with pytest.raises(OSError, match=r"device; nothing was changed$"):
        shallow(LARGE).save(tmp_path / "two.npz")
