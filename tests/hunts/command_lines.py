"""Generated command lines, run in this process: each must end in a result, or in one line on stderr
and exit code 2 that leaves no file behind.

    PYTHONPATH=.:tests python -m hunts.command_lines 50000

runs so many and counts the ways in which they ended; the suite runs a few hundred.
"""

import io
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import typer

import highdim.cli.app
import univariate.cli.app

NUMBERS = [
    "0",
    "1",
    "2",
    "3",
    "5",
    "-1",
    "-0",
    "0.5",
    "1.5",
    "1e-300",
    "1e300",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "0x1",
    "1_0",
    "٣",
    "½",
    "+2",
    "2.",
    ".5",
    "1e0",
]
LISTS = ["1,2", "2,,3", "1,", ",1", "1,x", "1;2", "0.1,1.5", "3,0", "1,1", "2,nan", "3,1e30"]
WORDS = ["", " ", "x", "true", "None", "--", "-", "σ", "a b", "\t", "%s", "{}", "'", '"', "\\", "*"]
CHOICES = [
    "spread",
    "pytorch",
    "flow",
    "gd",
    "sgd",
    "logistic",
    "exponential",
    "hinge",
    "quick",
    "paper",
    "loky",
    "dask",
    "png",
    "gif",
]
LAWS = ["beta(2, 5)", "norm", "norm(0, -1)", "beta(2", "poisson(3)", "uniform(0, 1)", "open('x')"]
PATHS = [
    *("none.npz", "none.csv", "none.pt", "no/n.npz", ".", "..", "/dev/null", "/", "~", "a.npz"),
    *("net.npz", "data.csv", "data.npz", "broken.npz", "text.csv", "sphere.npz", "sphere_net.npz"),
    *("binary.pt", "store.sqlite", "folder", "b.csv", "c.png", "x" * 300),
]
HUGE = ["9" * 30, "-" + "9" * 30, "1e30"]
SPOILT = ["nan", "", " ", "σ", "1,,2", "-", "inf", "0.5.5", "no/such/x", "-7", "9" * 30]
ANYTHING = [*NUMBERS, *LISTS, *WORDS, *CHOICES, *LAWS, *PATHS, *HUGE]

FLAGS = {
    *("--trained", "--no-figure", "--overwrite", "--quiet", "-q", "--resume", "--film"),
    *("--no-bias", "--fixed-output", "--polish", "--log", "--help", "-h", "--nonsense", "-x"),
}
SENSIBLE = {
    "--m": ["1", "2", "3", "2,3"],
    "--p": ["0", "0.5", "1", "0.2,0.4"],
    "--d": ["2"],
    "--rng": ["0", "1"],
    "--seeds": ["1", "2"],
    "--delta": ["0.05"],
    "--epsilon": ["0.1"],
    "--width": ["2", "4"],
    "--depth": ["2"],
    "--density": ["beta(2, 5)", "norm(0, 1)"],
    "--truth": ["0.3:+-", "1/3,0.7:-+-", "-1"],
    "--start": ["spread", "pytorch"],
    "--scale": ["1", "2"],
    "--loss": ["logistic", "exponential"],
    "--method": ["flow", "gd"],
    "--learning-rate": ["0.1"],
    "--margin": ["1", "0.1"],
    "--steps": ["1", "3"],
    "--tolerance": ["0.1"],
    "--flow-time": ["1"],
    "--n-jobs": ["1"],
    "--backend": ["loky"],
    "--size": ["quick"],
    "--figure-format": ["png", "svg"],
    "--json": ["-", "j.json"],
    "--out": [".", "new"],
    "--save-net": ["a.npz"],
    "--save-sample": ["b.csv"],
    "--save-witness": ["w.npz"],
    "--data": ["data.csv", "data.npz"],
    "--net": ["net.npz"],
    "--store": ["s.sqlite"],
}
COMMANDS = {
    ("univariate", "report"): (
        "--m --p --rng --seeds --delta --density --truth --out --json --figure-format --save-net"
        " --save-sample"
    ),
    ("univariate", "train"): (
        "--m --p --rng --data --delta --density --truth --start --width --scale --net --loss"
        " --method --learning-rate --margin --steps --tolerance --out --json --figure-format"
    ),
    ("univariate", "audit"): (
        "--p --delta --density --truth --out --json --figure-format --save-witness NET DATA"
    ),
    ("univariate", "compare"): (
        "--m --p --rng --seeds --density --truth --n-jobs --out --figure-format MAKER"
    ),
    ("highdim", "report"): (
        "--m --d --p --width --rng --flow-time --margin --depth --epsilon --delta --out --json"
        " --figure-format --save-net --save-sample"
    ),
    ("highdim", "audit"): "--p --rng --epsilon --delta --out --json --figure-format NET DATA",
    ("highdim", "sweep"): (
        "--size --m --d --p --width --seeds --flow-time --depth --n-jobs --backend --store --out"
        " --figure-format"
    ),
    ("highdim", "figure"): "--out STORE",
}
ALWAYS = {
    # cheap unless something else is asked for
    ("univariate", "report"): "--m 3 --no-figure",
    ("univariate", "train"): "--steps 2 --no-figure",
    ("univariate", "audit"): "--no-figure",
    ("univariate", "compare"): "--m 3 --p 0.3 --seeds 1 --no-figure",
    ("highdim", "report"): "--m 3 --d 2 --width 2 --flow-time 1 --no-figure",
    ("highdim", "audit"): "--no-figure",
    ("highdim", "sweep"): "--m 3 --d 2 --width 2 --p 0.3 --flow-time 1 --no-figure",
    ("highdim", "figure"): "",
}
DEAR = {"--film", "--polish", "--trained", "--help", "-h"}


class Outcome(NamedTuple):
    """How a command line ended: what kind of end, and what is wrong with it, "" if nothing."""

    kind: str
    fault: str


def command_line(draw: random.Random) -> tuple[str, list[str]]:
    """Draw a program and its arguments; most of them have some fault."""
    program, command = draw.choice(list(COMMANDS))
    names = COMMANDS[program, command].split()
    cheap = ALWAYS[program, command].split()
    arguments = [command, *cheap]
    for name in names:
        if name.isupper() and draw.random() < 0.95:
            good = {
                "NET": "net.npz",
                "DATA": "data.csv",
                "STORE": "store.sqlite",
                "MAKER": "1-nn",
            }[name]
            if program == "highdim" and name != "STORE":
                good = {"NET": "sphere_net.npz", "DATA": "sphere.npz"}[name]
            arguments.append(good if draw.random() < 0.6 else draw.choice(ANYTHING))
    options = [name for name in names if name.startswith("-")]
    for name in draw.sample(options, draw.randint(0, min(4, len(options)))):
        strange = draw.random() < 0.45
        arguments += [name, draw.choice(ANYTHING if strange else SENSIBLE[name])]
    if draw.random() < 0.985:
        # most end before the work: nothing else makes tens of thousands affordable
        arguments += [draw.choice(options), draw.choice(SPOILT)]
    if draw.random() < 0.3:
        flag = draw.choice(sorted(FLAGS))
        arguments += [flag] if flag not in DEAR or draw.random() < 0.1 else []
    if draw.random() < 0.05:
        arguments.insert(draw.randint(0, len(arguments)), draw.choice(ANYTHING))
    if draw.random() < 0.05:
        arguments = arguments[: draw.randint(0, len(arguments))]
        if len(arguments) < 1 + len(cheap):
            arguments.append("--help")  # never the default sizes, which take a while
    return program, arguments


def prepare(folder: Path) -> None:
    """Write the files that command lines name, whole and broken."""
    sample = univariate.draw_sample(5, 0.3, rng=1)
    sample.save(folder / "data.csv")
    sample.save(folder / "data.npz")
    univariate.max_margin(sample).net.save(folder / "net.npz")
    sphere = highdim.draw_sphere_sample(4, 3, 0.3, rng=1)
    sphere.save(folder / "sphere.npz")
    highdim.init_network(2, 3, rng=1).save(folder / "sphere_net.npz")
    (folder / "broken.npz").write_bytes((folder / "net.npz").read_bytes()[:100])
    (folder / "text.csv").write_text("dear reader,\nthis is no table\n", encoding="utf-8")
    (folder / "binary.pt").write_bytes(bytes(range(256)))
    (folder / "folder").mkdir()
    runs = highdim.grid(m=3, d=3, p=(0.2, 0.4), width=2, flow_time=1.0)
    highdim.sweep(runs, folder / "store.sqlite")


class Fuzzer:
    """Runs command lines in a folder of its own, and looks at how they end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        apps = {"univariate": univariate.cli.app.app, "highdim": highdim.cli.app.app}
        self.commands = {name: typer.main.get_command(app) for name, app in apps.items()}
        prepare(folder)
        self.given = self.listing()

    def listing(self) -> dict[str, bytes]:
        """Return all files below the folder."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}

    def run(self, program: str, arguments: list[str]) -> Outcome:
        """Run one command line from the folder, and clean up after it."""
        out = io.StringIO()
        err = io.StringIO()
        code: object = None
        try:
            with redirect_stdout(out), redirect_stderr(err):
                self.commands[program].main(args=list(arguments), prog_name=program)
        except SystemExit as end:
            code = end.code or 0
        # whatever else comes out would have been a traceback
        except BaseException as error:
            return Outcome("traceback", f"{type(error).__name__}: {error}")
        finally:
            after = self.listing()
            self.tidy(after)
        return _outcome(code, out.getvalue(), err.getvalue(), self.given, after)

    def tidy(self, after: dict[str, bytes]) -> None:
        """Restore the files that were prepared, and remove all others."""
        for name in after.keys() - self.given.keys():
            (self.folder / name).unlink()
        for name, content in self.given.items():
            if after.get(name) != content:
                (self.folder / name).write_bytes(content)


def _outcome(
    code: object, out: str, err: str, before: dict[str, bytes], after: dict[str, bytes]
) -> Outcome:
    if code == 0:
        # names of files may be anything
        told = "\n".join(line for line in out.splitlines() if not line.startswith("Wrote "))
        words = told.replace(",", " ").split()
        return Outcome("done", "a NaN" if "nan" in (word.lower() for word in words) else "")
    if code != 2:
        return Outcome(f"exit code {code}", f"exit code {code}: {err}")
    lines = err.strip().splitlines()
    if len(lines) != 1 or not lines[0].startswith("error: "):
        return Outcome("refused", f"not one line: {err!r}")
    left = [name for name in after if after[name] != before.get(name)]
    kept = [name for name in left if not name.endswith((".sqlite", "-wal", "-shm"))]
    return Outcome("refused", f"left {kept} behind" if kept else "")


def faults(count: int, seed: int, folder: Path) -> Iterator[tuple[str, list[str], Outcome]]:
    """Run generated command lines; yield all of them with their outcomes."""
    fuzzer = Fuzzer(folder)
    before = Path.cwd()
    os.chdir(folder)
    try:
        draw = random.Random(seed)
        for _ in range(count):
            program, arguments = command_line(draw)
            yield program, arguments, fuzzer.run(program, arguments)
    finally:
        os.chdir(before)


def main(count: int, seed: int) -> int:
    """Run so many command lines, print what ended badly, and count; returns the exit status."""
    kinds: Counter[str] = Counter()
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        for program, arguments, outcome in faults(count, seed, Path(name)):
            kinds[outcome.kind] += 1
            if outcome.fault:
                bad += 1
                print(program, arguments, outcome.fault[:300], flush=True)
    print(f"{count} command lines of seed {seed}: {dict(kinds)}, {bad} with a fault")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
