"""The store of runs: whole rows or none, one version, bit for bit."""

import csv
import json
import multiprocessing
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import asdict

import numpy as np
import pytest

from highdim.sweeps.exporting import export
from highdim.sweeps.store import Store, key_of, stored_rows

RUN = {"m": 20, "p": 0.1, "seed": 3}
RESULT = {"clean_error": 0.1 + 0.2, "tiny": 5e-324, "none": None, "interpolates": True}


def test_runs_come_back_bit_for_bit(tmp_path):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        assert RUN not in store
        store.add(RUN, RESULT)
        assert RUN in store
        # the order of names is no part of a configuration
        assert dict(reversed(RUN.items())) in store
    with Store(path, "1") as store:
        assert len(store) == 1
        assert list(store.rows()) == [RUN | RESULT]


def test_a_run_is_kept_once(tmp_path):
    with Store(tmp_path / "runs.sqlite", "1") as store:
        store.add(RUN, RESULT)
        store.add(RUN, {"clean_error": 1.0})
        assert list(store.rows()) == [RUN | RESULT]


def test_rows_are_ordered_by_key(tmp_path):
    runs = [RUN | {"seed": seed} for seed in (2, 0, 1)]
    with Store(tmp_path / "runs.sqlite", "1") as store:
        for run in runs:
            store.add(run, {})
        assert [row["seed"] for row in store.rows()] == [0, 1, 2]


def test_the_file_alone_has_every_run_while_it_is_open_but_those_that_follow_at_once(
    tmp_path, monkeypatch
):
    """As after a kill: who copies the file leaves behind what SQLite keeps beside it."""
    path, copy = tmp_path / "runs.sqlite", tmp_path / "copy.sqlite"
    now = 100.0
    monkeypatch.setattr("highdim.sweeps.store.monotonic", lambda: now)

    def alone():
        copy.write_bytes(path.read_bytes())
        return [row["seed"] for row in stored_rows(copy, "1")]

    with Store(path, "1") as store:
        for seed, pause, kept in ((0, 9.0, 1), (1, 0.25, 2), (2, 0.1, 2), (3, 0.1, 2), (4, 0.1, 5)):
            now += pause
            store.add(RUN | {"seed": seed}, RESULT)
            assert alone() == [*range(kept)]
            # nobody misses what lies beside it
            assert [row["seed"] for row in stored_rows(path, "1")] == [*range(seed + 1)]
        store.add(RUN | {"seed": 5}, RESULT)
        assert alone() == [*range(5)]
        with Store(path, "1"):  # the last one to close it tidies up, the first has to
            store.close()
            assert alone() == [*range(6)]
    assert [one.name for one in tmp_path.glob("runs*")] == ["runs.sqlite"]


def test_two_processes_may_write(tmp_path):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as one, Store(path, "1") as other:
        one.add(RUN, RESULT)
        other.add(RUN | {"seed": 4}, RESULT)
        assert len(one) == len(other) == 2


def test_other_versions_and_files_are_refused(tmp_path):
    path = tmp_path / "runs.sqlite"
    Store(path, "1").close()
    with pytest.raises(ValueError, match="written with version '1' instead of '2'; move it away"):
        Store(path, "2")
    (tmp_path / "notes.txt").write_text(
        "my only notes, which are long enough to be no database " * 20
    )
    with pytest.raises(ValueError, match=r"`store` must be a store of runs, got .*notes\.txt"):
        Store(tmp_path / "notes.txt", "1")
    assert (tmp_path / "notes.txt").read_text().startswith("my only notes")
    with pytest.raises(FileNotFoundError, match=r"`store` must lie in a folder .* make .*missing"):
        Store(tmp_path / "missing" / "runs.sqlite", "1")
    with pytest.raises(IsADirectoryError, match="`store` must be a file, got the folder"):
        Store(tmp_path, "1")


def test_a_foreign_database_is_left_alone(tmp_path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE letters (name TEXT)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(ValueError, match="another database"):
        Store(path, "1")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database at all", b""])
def test_a_refused_file_is_closed(tmp_path, monkeypatch, content):
    path, opened = tmp_path / "runs.sqlite", []
    path.write_bytes(content)
    if not content:
        Store(path, "another version").close()
    connect = sqlite3.connect

    def recorded(*args, **options):
        opened.append(connect(*args, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", recorded)
    with pytest.raises(ValueError, match=r"store of runs|instead of"):
        Store(path, "1")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


def test_keys_are_plain_json():
    assert json.loads(key_of(RUN)) == RUN
    with pytest.raises(ValueError, match="JSON"):
        key_of({"p": float("nan")})


def test_csv(tmp_path):
    export([RUN | RESULT, {"m": 1}], tmp_path / "runs.csv")
    with (tmp_path / "runs.csv").open(newline="") as stream:
        first, second = csv.DictReader(stream)
    assert float(first["clean_error"]) == RESULT["clean_error"]
    assert second == dict.fromkeys(first, "") | {"m": "1"}


def test_parquet(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    export([RUN | RESULT], tmp_path / "runs.parquet")
    assert parquet.read_table(tmp_path / "runs.parquet").to_pylist() == [RUN | RESULT]


def test_the_door_of_export(tmp_path):
    with pytest.raises(ValueError, match=r"`path` must end in \.csv or \.parquet"):
        export([RUN], tmp_path / "runs.xlsx")
    with pytest.raises(ValueError, match="`rows` must not be empty"):
        export([], tmp_path / "runs.csv")
    # what a table of pandas gives that is gone through
    with pytest.raises(TypeError, match=r"got str; pass the rows .* table\.to_dict\('records'\)"):
        export(["m", "d"], tmp_path / "runs.csv")


def foreign(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path.read_bytes()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE runs (id INTEGER, name TEXT)"],
        ["CREATE TABLE about (name TEXT, value TEXT)"],
        ["CREATE TABLE runs (key TEXT, result TEXT)", "CREATE TABLE other (key TEXT)"],
        [
            "CREATE TABLE runs (key TEXT, result TEXT)",
            "CREATE TABLE about (name TEXT, value TEXT)",
            "INSERT INTO about VALUES ('schema', 'elsewhere/7')",
        ],
    ],
)
def test_databases_of_others_stay_as_they_are(tmp_path, statements):
    path = tmp_path / "theirs.sqlite"
    before = foreign(path, *statements)
    for opened in (lambda: Store(path, "1"), lambda: stored_rows(path, "1")):
        with pytest.raises(ValueError, match="`store` must be a store of runs"):
            opened()
        assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["theirs.sqlite"]


def test_a_database_without_tables_has_no_rows_and_stays_as_it_is(tmp_path):
    path = tmp_path / "empty.sqlite"
    before = foreign(path, "CREATE TABLE a (b)", "DROP TABLE a")
    with pytest.raises(ValueError, match="another database"):
        stored_rows(path, "1")
    assert path.read_bytes() == before


def _begin(path, number, together):
    together.wait()
    with Store(path, "1") as store:
        store.add(RUN | {"seed": number}, RESULT)


def test_processes_that_begin_a_store_together(tmp_path):
    context = multiprocessing.get_context("spawn")
    for round_number in range(2):
        path = tmp_path / f"{round_number}.sqlite"
        together = context.Barrier(3)
        workers = [
            context.Process(target=_begin, args=(path, number, together)) for number in range(3)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
        assert len(stored_rows(path, "1")) == 3


def test_numbers_of_numpy_are_those_of_python(tmp_path):
    from highdim.sweeps.runs import RunConfig

    plain = RunConfig(m=20, d=30, p=0.5, seed=1, bias=True)
    other = RunConfig(m=np.int64(20), d=np.int32(30), p=np.float64(0.5), seed=np.uint8(1))
    assert other == plain
    assert key_of(asdict(other)) == key_of(asdict(plain))
    with Store(tmp_path / "runs.sqlite", "1") as store:
        store.add(asdict(other), RESULT)
        assert asdict(plain) in store


def test_a_full_disk_costs_one_line_and_no_finished_run(tmp_path):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        store.add(RUN, RESULT)
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OSError, match="is full; finished runs are kept, the same command"):
            store.add(RUN | {"seed": 10}, {"much": "x" * 1_000_000})
    with Store(path, "1") as store:
        assert RUN in store
        assert RUN | RESULT in list(store.rows())


def test_a_store_that_became_read_only_is_one_line(tmp_path):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        store.add(RUN, RESULT)
        store._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(OSError, match=r"readonly database; finished runs are kept"):
            store.add(RUN | {"seed": 4}, RESULT)
        assert len(store) == 1


def test_a_store_that_another_process_holds_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("highdim.sweeps.store._PATIENCE", 0.2)
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        store.add(RUN, RESULT)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OSError, match="locked; finished runs are kept"):
                store.add(RUN | {"seed": 4}, RESULT)
            with pytest.raises(OSError, match="locked"):
                Store(path, "1")
            other.execute("ROLLBACK")
        store.add(RUN | {"seed": 4}, RESULT)
        assert len(store) == 2


def test_a_store_in_a_folder_that_cannot_be_written_to_is_read(tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        store.add(RUN, RESULT)
    monkeypatch.setattr("highdim.sweeps.store.os.access", lambda *_: False)
    assert stored_rows(path, "1") == [RUN | RESULT]
    assert [one.name for one in tmp_path.iterdir()] == ["runs.sqlite"]


def test_reading_leaves_nothing_beside_a_store(tmp_path):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        store.add(RUN, RESULT)
    assert stored_rows(path, "1") == [RUN | RESULT]
    with pytest.raises(ValueError, match="version"):
        stored_rows(path, "2")
    assert [one.name for one in tmp_path.iterdir()] == ["runs.sqlite"]


def test_a_store_that_is_written_to_is_read_with_its_last_run(tmp_path):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        store.add(RUN, RESULT)
        assert stored_rows(path, "1") == [RUN | RESULT]


def test_a_store_that_changes_while_it_is_read_is_read_again(tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    with Store(path, "1") as store:
        store.add(RUN, RESULT)
    with ExitStack() as begun:

        def meanwhile(*_):
            monkeypatch.undo()
            begun.enter_context(Store(path, "1")).add(RUN | {"seed": 4}, RESULT)

        monkeypatch.setattr("highdim.sweeps.store._require_same", meanwhile)
        assert len(stored_rows(path, "1")) == 2
