"""What a maker's file imports from beside it: as `python mine.py` would, or refused."""

import csv
import os
import subprocess
import sys

import pytest

HELPER = "from univariate import NearestNeighbours\n\n\ndef fit(sample):\n    return {}\n"
ONE, THREE = (HELPER.format(f"NearestNeighbours(sample, k={k})") for k in (1, 3))
PLAIN = "import helper\n\n\ndef train(sample):\n    return helper.fit(sample)\n"
LATE = "def train(sample):\n    import helper\n\n    return helper.fit(sample)\n"
GRID = ["--m", "20", "--p", "0.2", "--seeds", "2", "--no-figure"]


def written(folder, **texts):
    """Write modules into a folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def compared(folder, *words):
    """Run the command as it is installed: Python does not look into the current folder then."""
    return subprocess.run(
        [sys.executable, "-P", "-B", "-m", "univariate", "compare", *map(str, words), *GRID],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )


def rows_of(folder):
    with (folder / "comparison.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    ("text", "jobs"), [(PLAIN, 2), (LATE, 1), (LATE, 2)], ids=["at first", "late", "late, two jobs"]
)
def test_modules_beside_a_file_are_found(tmp_path, text, jobs):
    """From another folder, and as a module, in other processes too."""
    home = written(tmp_path / "home", mine=text, helper=ONE)
    away = written(tmp_path / "away")
    out = tmp_path / "out"
    jobs = ["--n-jobs", jobs, "--out", out]
    for folder, name in ((away, f"{home}/mine.py:train"), (home, "mine:train")):
        done = compared(folder, name, "1-nn", *jobs)
        assert done.returncode == 0, done.stderr
    rows = rows_of(out)
    assert len(rows) == 6
    assert len({(row["seed"], row["clean_error"]) for row in rows}) == 2


def test_what_is_beside_a_file_is_of_its_digest(tmp_path):
    name = "mine.py:train"
    home = written(tmp_path / "home", mine=PLAIN, helper=ONE)
    assert compared(home, name).returncode == 0
    again = compared(home, name)
    assert again.returncode == 0
    assert "warning" not in again.stderr.lower()
    written(home, helper=THREE)
    done = compared(home, name)
    assert done.returncode == 2
    assert f"got another '{name}': its definition, or one that it names has changed" in done.stderr


@pytest.mark.parametrize(
    ("hidden", "who"), [("random", "mine"), ("numpy", "helper"), ("univariate", "helper")]
)
def test_names_that_lead_to_two_places_are_refused(tmp_path, hidden, who):
    """Python would take the module beside the file, and this program has begun with the other."""
    texts = {"mine": PLAIN, "helper": ONE, hidden: "raise SystemExit\n"}
    texts[who] = f"import {hidden}\n{texts[who]}"
    home = written(tmp_path / "home", **texts)
    done = compared(tmp_path, f"{home}/mine.py:train")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: `MAKERS` must import modules by names that lead to one place")
    assert f"{hidden} is {home / hidden}.py, and " in line
    assert line.endswith("rename the former")


def test_modules_of_other_makers_are_told_apart(tmp_path):
    one = written(tmp_path / "one", mine=PLAIN, helper=ONE)
    three = written(tmp_path / "three", mine=PLAIN, helper=THREE)
    done = compared(tmp_path, f"{one}/mine.py:train", f"{three}/mine.py:train")
    assert done.returncode == 2
    assert f"helper is {three}/helper.py, and {one}/helper.py as well" in done.stderr


def test_files_that_nobody_imports_hide_nothing(tmp_path):
    """Not here, and not in other processes, which look into the current folder by themselves."""
    names = ("json", "random", "calendar", "pickle", "scipy", "joblib", "matplotlib", "numba")
    hidden = dict.fromkeys(names, "raise SystemExit('hidden')\n")
    home = written(tmp_path / "home", mine=PLAIN, helper=ONE, **hidden)
    done = compared(home, "mine.py:train", "--n-jobs", 2)
    assert done.returncode == 0, done.stderr
    assert "hidden" not in done.stderr
    assert len(rows_of(home)) == 2


def test_programs_that_a_maker_begins_find_their_own_modules(tmp_path):
    text = (
        "import os\n\nfrom univariate import NearestNeighbours\n\n\n"
        "def train(sample):\n    assert 'process' not in os.environ.get('PYTHONSAFEPATH', '')\n"
        "    return NearestNeighbours(sample)\n"
    )
    home = written(tmp_path / "home", mine=text)
    done = compared(home, "mine.py:train", "--n-jobs", 2)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["studies.nets:train", "package.nets:train"])
def test_modules_in_folders_are_found(tmp_path, name):
    home = written(tmp_path / "home", helper=ONE)
    written(home / "studies", nets=PLAIN)
    written(home / "package", __init__="", nets="from .inner import train\n", inner=PLAIN)
    done = compared(home, name, "--n-jobs", 2)
    assert done.returncode == 0, done.stderr
    written(home, random="")
    written(home / "package", inner=f"import random\n{PLAIN}")
    refused = compared(home, name, "--n-jobs", 2)
    assert refused.returncode == (2 if "package" in name else 0)


def test_links_lead_to_the_folder_of_the_file(tmp_path):
    """As Python has it."""
    home = written(tmp_path / "home", mine=PLAIN)
    (home / "helper.py").symlink_to(written(tmp_path / "shared", other=ONE) / "other.py")
    (tmp_path / "linked.py").symlink_to(home / "mine.py")
    done = compared(tmp_path, "linked.py:train")
    assert done.returncode == 0, done.stderr


def test_what_cannot_be_sent_to_another_process_says_why(tmp_path):
    text = (
        "import threading\n\nLOCK = threading.Lock()\n\n\ndef train(sample):\n    LOCK.acquire()\n"
    )
    home = written(tmp_path / "home", mine=text)
    done = compared(home, "mine.py:train", "--n-jobs", 2)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "cannot be sent to another process, TypeError: cannot pickle '_thread.lock'" in line
    assert line.endswith("make such objects where they are used, or leave out `--n-jobs`")


def test_what_cannot_be_loaded_in_another_process_says_why(tmp_path):
    """A module that is there in the process of the command alone."""
    text = (
        "import sys\nimport types\n\nghost = types.ModuleType('ghost')\n"
        "sys.modules['ghost'] = ghost\nexec('def fit(sample): pass', vars(ghost))\n\n\n"
        "def train(sample):\n    return ghost.fit(sample)\n"
    )
    home = written(tmp_path / "home", mine=text, made="from mine import ghost\n")
    done = compared(home, "mine.py:train", "--n-jobs", 2)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert "another process cannot load what it is to compute, ModuleNotFoundError" in line


def test_imports_by_a_leading_dot_are_told_to_need_a_module(tmp_path):
    """Of the file itself; the way on that is told leads on."""
    inner = tmp_path / "outer_pack" / "inner_pack"
    inner.mkdir(parents=True)
    for folder in (inner.parent, inner):
        (folder / "__init__.py").touch()
    (inner / "near_votes.py").write_text("votes = 3\n")
    (inner / "dotted.py").write_text(
        "from univariate import NearestNeighbours\nfrom .near_votes import votes\n"
        "def train(sample):\n    return NearestNeighbours(sample, k=votes)\n"
    )
    name = os.path.join("outer_pack", "inner_pack", "dotted.py:train")
    refused = compared(tmp_path, name)
    assert refused.returncode == 2
    (line,) = refused.stderr.strip().splitlines()
    rule = "`MAKERS` must name a module where a file imports from its own package, by a leading dot"
    way = f"write outer_pack.inner_pack.dotted:train, from within {str(tmp_path)!r}"
    assert line == f"error: {rule}, got {name!r}; {way}"
    followed = compared(tmp_path, "outer_pack.inner_pack.dotted:train")
    assert followed.returncode == 0, followed.stderr

    (tmp_path / "imports_it.py").write_text(
        "import sys\nsys.path.insert(0, 'outer_pack/inner_pack')\nimport dotted\n"
    )
    other = compared(tmp_path, "imports_it.py:train")
    assert "imports_it.py does not run: ImportError" in other.stderr
