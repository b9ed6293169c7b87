"""Files, text and state dicts end in what was written into them, or in one clear error.

    PYTHONPATH=.:tests python -m hunts.hostile_files --count 50000

Samples are written as tables in random dialects, as arrays and JSON, networks as state dicts,
checkpoints, safetensors and arrays; two in three are damaged afterwards. What is read from an
undamaged file must be what was written, to the last bit; nothing may raise anything but one line,
hold a NaN, or leave another file.
"""

import argparse
import collections
import gzip
import io
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import highdim
import univariate
from univariate.common.labels import label_map_of

try:
    import torch
except ModuleNotFoundError:  # the hunt goes on without its files
    torch = None

CLEAR = (ValueError, TypeError, OSError, ModuleNotFoundError, ArithmeticError)
NUMBERS = [
    "0",
    "1",
    "-1",
    "0.5",
    "1e-3",
    "-0.25",
    "+2.5",
    "17",
    "3.0",
    "1e300",
    "5e-324",
    ".5",
    "7.",
]
LABELS = [("1", "-1"), ("+1", "-1.0"), ("1", "0"), ("2", "1"), ("True", "False"), ("cat", "dog")]
ENDINGS = [".csv", ".tsv", ".txt", ".npz", ".npy", ".pt", ".ckpt", ".pth.tar", ".bin", ".json", ""]
NAMES = ["x", "y", "label", "target", "v", "w", "b", "W", "c", "0.weight", "0.bias", "a.b.weight"]
SPLINTERS = [b",", b";", b"\n", b"nan", b"1e9", b'"', b"\x00"]
ODD = [
    *(None, 3, -1.5, "text", b"bytes", [], {}, [[]], [1, [2]], np.nan, np.inf, True, 2**60, "1"),
    *(np.zeros(0), np.ones(3), np.ones((2, 1)), np.ones((1, 2)), np.ones((2, 2)), np.array("a")),
    *(np.array([1j]), np.array([None]), np.ones(2, np.float16), np.ma.array([1.0], mask=[1])),
]


class Case:
    """One thing to read: bytes or an object, the readers to try, and what they may give."""

    def __init__(self, content, truth=None, options=None):
        self.content, self.truth, self.options = content, truth, options or {}


def pick(rng, choices):
    return choices[rng.integers(len(choices))]


# Samples


def sample_parts(rng):
    """Rows of numbers as text, labels as text, and the map that labels need."""
    m, d = int(rng.integers(1, 6)), int(pick(rng, [1, 1, 1, 2, 3]))
    rows = [[pick(rng, NUMBERS) for _ in range(d)] for _ in range(m)]
    if rng.random() < 0.5:
        rows = [[repr(float(number)) for number in rng.standard_normal(d)] for _ in range(m)]
    plus, minus = pick(rng, LABELS)
    labels = [plus if rng.random() < 0.5 else minus for _ in range(m)]
    label_map = None if plus in ("1", "+1") and minus != "0" else {plus: 1, minus: -1}
    truth = np.array(rows, float), np.array([1.0 if one == plus else -1.0 for one in labels])
    return rows, labels, label_map, truth


def table(rng):
    """A sample as a table in a random dialect."""
    rows, labels, label_map, truth = sample_parts(rng)
    d = len(rows[0])
    separator = pick(rng, [",", ",", ";", "\t", "|", " "])
    if (
        separator != ","
        and rng.random() < 0.4
        and not any("e" in cell for row in rows for cell in row)
    ):
        rows = [[cell.replace(".", ",") for cell in row] for row in rows]
    cells = [[*row, label] for row, label in zip(rows, labels, strict=True)]
    names = [
        *([f"x{k}" for k in range(d)] if d > 1 else ["x"]),
        pick(rng, ["y", "Label", "target"]),
    ]
    header = rng.random() < 0.6
    if header and rng.random() < 0.4:
        order = rng.permutation(d + 1)
        cells = [[row[k] for k in order] for row in cells]
        names = [names[k] for k in order]
    if header and separator != " " and rng.random() < 0.3:
        cells = [[str(k), *row] for k, row in enumerate(cells)]
        names = [pick(rng, ["", "index", "id"]), *names]
    if rng.random() < 0.2:
        cells = [[f'"{cell}"' for cell in row] for row in cells]
    lines = [separator.join(row) for row in ([names] if header else []) + cells]
    for extra in (["", ""], ["# a comment"], [separator * d if separator != " " else ""]):
        if rng.random() < 0.2:
            lines = [*extra, *lines] if extra[0].startswith("#") else [*lines, *extra]
    text = pick(rng, ["\n", "\r\n"]).join(lines) + pick(rng, ["", "\n"])
    content = text.encode(pick(rng, ["utf-8", "utf-8", "utf-8-sig", "utf-16"]))
    return Case(content, truth, {"label_map": label_map})


def arrays(rng):
    """A sample as arrays of numpy, JSON or PyTorch."""
    _, labels, label_map, (X, signs) = sample_parts(rng)
    kind = pick(rng, ["npz", "npy", "json", "records", "torch", "safetensors"])
    options = {"label_map": label_map}
    if kind == "npz":
        content = saved(np.savez, **{pick(rng, ["x", "X", "inputs"]): X, "y": np.array(labels)})
    elif kind == "npy":
        content, options = saved(np.save, np.column_stack([X, signs])), {}
    elif kind == "json":
        content = json.dumps({"x": X.tolist(), "y": labels}).encode()
    elif kind == "records":
        named = [{f"x{k}": float(x) for k, x in enumerate(row)} for row in X]
        content = json.dumps([a | {"y": b} for a, b in zip(named, labels, strict=True)]).encode()
    elif kind == "torch" and torch is not None:
        tensors = {"X": torch.tensor(X), "y": torch.tensor(signs)}
        content, options = saved(lambda stream: torch.save(tensors, stream)), {}
    else:
        content, options = safetensors({"x": X, "y": signs}), {}
    return Case(content, (X, signs), options)


# Networks


def layers(rng, d=1):
    """A state dict of two layers, and v, W, b."""
    n = int(rng.integers(1, 4))
    W, b, v = rng.standard_normal((n, d)), rng.standard_normal(n), rng.standard_normal((1, n))
    return {"0.weight": W, "0.bias": b, "2.weight": v}, (v[0], W, b)


def network(rng):
    """A network in a file, alone or in a checkpoint."""
    state, truth = layers(rng)
    prefix = pick(rng, ["", "", "module.", "_orig_mod.", "model."])
    state = {prefix + name: value for name, value in state.items()}
    options = {}
    kind = pick(rng, ["npz", "plain", "json", "torch", "legacy", "safetensors"])
    if kind == "plain":
        v, W, b = truth
        return Case(saved(np.savez, v=v, w=W[:, 0], b=b), truth)
    if kind == "npz":
        return Case(saved(np.savez, **state), truth)
    if kind == "safetensors":
        return Case(safetensors(state), truth)
    wrapped = state
    if rng.random() < 0.6:
        name = pick(rng, ["net", "model", "state_dict", "params", "ema", "anything"])
        wrapped = {"epoch": 3, name: state, "optimizer": {"state": {}, "param_groups": [1]}}
        if rng.random() < 0.3:
            wrapped["other"] = layers(rng)[0]
            options = {"key": name} if rng.random() < 0.7 else {}
    if kind == "json" or torch is None:
        return Case(json.dumps(wrapped, default=np.ndarray.tolist).encode(), truth, options)
    return Case(saved(lambda stream: _torch_save(wrapped, stream, kind)), truth, options)


def _torch_save(value, stream, kind):
    def tensors(part):
        if isinstance(part, dict):
            return {name: tensors(entry) for name, entry in part.items()}
        return torch.tensor(part) if isinstance(part, np.ndarray) else part

    torch.save(tensors(value), stream, _use_new_zipfile_serialization=kind == "torch")


def state_dict(rng):
    """A mapping in memory with odd entries and names."""
    state = dict(layers(rng)[0]) if rng.random() < 0.7 else {}
    for _ in range(int(rng.integers(0, 4))):
        place = pick(rng, list(state) or NAMES) if rng.random() < 0.4 else pick(rng, NAMES)
        state[place] = odd(rng)
    if rng.random() < 0.4:
        state = {pick(rng, ["model", "net", 3, None]): state, "more": odd(rng)}
    return Case(state, None, {"key": pick(rng, [None, None, "", "model", "x"])})


def odd(rng):
    """Something that should be an array."""
    if torch is None or rng.random() < 0.7:
        return pick(rng, ODD)
    plain = torch.ones(2, 2)
    tensors = [plain.half(), plain.bfloat16(), plain.to("meta"), plain.to_sparse(), plain + 1j]
    tensors += [plain[0], plain > 0, plain.to(torch.int64), torch.zeros(0, 3), plain * np.nan]
    return pick(rng, [*tensors, plain.clone().requires_grad_()])


def module(rng):
    """A PyTorch module of a few parts, of which some are not piecewise linear."""
    if torch is None:
        return state_dict(rng)
    torch.manual_seed(int(rng.integers(2**31)))
    nn, width, parts = torch.nn, int(pick(rng, [1, 1, 3])), []
    makers = [nn.ReLU] * 4 + [nn.LeakyReLU, nn.PReLU, nn.Identity, nn.Dropout, nn.Tanh, nn.ReLU6]
    for _ in range(int(rng.integers(0, 4))):
        wide = int(rng.integers(1, 6))
        parts.append(nn.Linear(width, wide, bias=bool(rng.random() < 0.8)))
        parts += [nn.BatchNorm1d(wide)] if rng.random() < 0.1 else []
        parts += [pick(rng, makers)() for _ in range(rng.integers(0, 3))]
        width = wide
    parts += [nn.Linear(width, 1)] if rng.random() < 0.9 else []
    net = nn.Sequential(*parts)
    if rng.random() < 0.3:
        net = nn.Sequential(nn.Identity(), nn.Sequential(net))
    return Case(net, net)


def label_text(rng):
    """A label map as typed."""
    parts = ["0", "1", "=", "-1", "+1", ",", "cat", " ", "−1", "True", "==", "1=1", "\n", "é"]
    return Case("".join(pick(rng, parts) for _ in range(rng.integers(0, 8))))


def noise(rng):
    """Bytes that mean nothing, after a beginning that means something."""
    starts = [
        b"",
        b"PK\x03\x04",
        b"\x93NUMPY\x01\x00",
        b"\x80\x04",
        b"\x1f\x8b\x08",
        b"{",
        b"[",
        b"x,y\n",
    ]
    starts += [
        b"\x08\x07\x12",
        b"\x02" + bytes(7) + b"{}",
        b"#",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"1,1\n",
    ]
    pool = b"0123456789.,;eE+-\t\n xy\"'#|" if rng.random() < 0.6 else bytes(range(256))
    return Case(
        pick(rng, starts) + bytes(pool[k] for k in rng.integers(0, len(pool), rng.integers(0, 60)))
    )


# Reading


def saved(write, *args, **kwargs):
    stream = io.BytesIO()
    write(*((stream, *args) if args or kwargs else (stream,)), **kwargs)
    return stream.getvalue()


def safetensors(tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        raw = np.asarray(values, "<f8").tobytes()
        place = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": "F64", "shape": list(np.shape(values)), "data_offsets": place}
        data += raw
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def damaged(rng, content):
    """Bytes changed, cut, doubled or put in another place."""
    whole = bytearray(content)
    for _ in range(int(rng.integers(1, 4))):
        if not whole:
            break
        start, length = int(rng.integers(len(whole))), int(rng.integers(1, 12))
        piece = whole[start : start + length]
        match rng.integers(5):
            case 0:
                whole[start] = int(rng.integers(256))
            case 1:
                del whole[start : start + length]
            case 2:
                del whole[start:]
            case 3:
                whole[start:start] = piece
            case _:
                whole[start : start + length] = bytes(
                    pick(rng, [b",", b";", b"\n", b"nan", b"1e9", b'"', b"\x00"])
                )
    return bytes(whole)


FAMILIES = [*[table] * 3, arrays, *[network] * 2, *[state_dict] * 2, label_text, noise, module]


def attempts(rng, case, folder):
    """Yield (reader, call) for everything that may be asked to read a case."""
    if torch is not None and isinstance(case.content, torch.nn.Module):
        yield "univariate", lambda: univariate.ReluNet.from_torch(case.content)
        yield "highdim", lambda: highdim.network_from_torch(case.content)
    elif isinstance(case.content, dict):
        yield "univariate", lambda: univariate.ReluNet.from_torch(case.content, **case.options)
        yield "highdim", lambda: highdim.network_from_torch(case.content, **case.options)
    elif isinstance(case.content, str):
        yield "labels", lambda: label_map_of(case.content)
    else:
        path = folder / f"file{pick(rng, ENDINGS)}"
        path.write_bytes(case.content)
        maps = {name: value for name, value in case.options.items() if name == "label_map"}
        keys = {name: value for name, value in case.options.items() if name == "key"}
        yield "sample", lambda: univariate.Sample.load(path, **maps)
        yield "sphere", lambda: highdim.SphereSample.load(path, **maps)
        yield "net", lambda: univariate.load_network(path, **keys)
        yield "sphere net", lambda: highdim.load_network(path, **keys)


def numbers(found):
    """All numbers of a result, in one array."""
    if found is None or isinstance(found, dict):
        return np.array(list((found or {}).values()), float)
    names = ("x", "X", "y", "v", "w", "W", "b", "W1", "W2", "b1", "b2")
    parts = [np.ravel(part) for name in names if (part := getattr(found, name, None)) is not None]
    parts += [np.ravel(part) for layer in getattr(found, "layers", ()) for part in layer]
    return np.concatenate(parts).astype(float)


def same(found, truth):
    """Whether a result is what was written; of a module, what it computes, up to rounding."""
    if not isinstance(truth, tuple):
        return computes(found, truth)
    if len(truth) == 3:
        v, W, b = truth
        weights = found.w[:, None] if hasattr(found, "w") else found.W
        return all(map(np.array_equal, (found.v, weights, found.b), (v, W, b)))
    X, y = truth
    if hasattr(found, "X"):
        return np.array_equal(found.X, X) and np.array_equal(found.y, y)
    pairs = set(zip(X[:, 0].tolist(), y.tolist(), strict=True))
    return X.shape[1] == 1 and set(zip(found.x.tolist(), found.y.tolist(), strict=True)) == pairs


def computes(net, module):
    """Whether a net and a module agree at some points, to 10⁻⁹ of what their layers reach."""
    d = getattr(net, "dimension", 1)
    X = (
        np.random.default_rng(0).standard_normal((40, d))
        * np.repeat([1.0, 1.0, 30.0, 1e3], 10)[:, None]
    )
    with torch.no_grad():
        wanted = module.double().eval()(torch.tensor(X)).numpy().ravel()
    found = net(X if hasattr(net, "dimension") else X[:, 0])
    layers = net.layers if hasattr(net, "layers") else (*net.hidden, (net.v[None, :], None))
    sizes = np.abs(X)
    for weight, bias in layers:
        sizes = sizes @ np.abs(weight).T + (0.0 if bias is None else np.abs(bias))
    return bool(np.all(np.abs(found - wanted) <= 1e-9 * sizes[:, 0]))


def fault(seed, folder):
    """What is wrong with the ends of a case, None if nothing is; and how they came."""
    rng = np.random.default_rng(seed)
    case = pick(rng, FAMILIES)(rng)
    if isinstance(case.content, bytes) and rng.random() < 0.6:
        case = Case(damaged(rng, case.content), None, case.options)
    if isinstance(case.content, bytes) and rng.random() < 0.1:
        case = Case(gzip.compress(case.content), case.truth, case.options)
    ends, wrong = [], None
    for reader, call in attempts(rng, case, folder):
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always", univariate.PassedOverWarning)
                warnings.filterwarnings("always", ".* another order than their numbers")
                found = call()
            texts = [str(one.message) for one in warned]
            if len(texts) > 1 or not all(text.isprintable() for text in texts):
                wrong = f"{reader}: not one line of warning: {texts!r}"
        except CLEAR as error:
            ends.append("refused")
            if len(str(error).splitlines()) != 1 or len(str(error)) > 700:
                wrong = f"{reader}: not one line: {error!r}"
        except Exception as error:
            wrong = f"{reader}: {error!r}"
        else:
            ends.append("read")
            if not np.all(np.isfinite(numbers(found))):
                wrong = f"{reader}: not finite: {found!r}"
            elif case.truth is not None and not same(found, case.truth):
                wrong = f"{reader}: {found!r} is not {case.truth!r}"
    left = [path.name for path in folder.iterdir()]
    for name in left:
        (folder / name).unlink()
    if len(left) > 1:
        wrong = f"files left: {left}"
    return wrong, ends, case.truth is not None


def hunt(seeds):
    """Count how cases end, and collect faults."""
    counts, faults = collections.Counter(), []
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module="torch")
        for seed in seeds:
            wrong, ends, known = fault(seed, Path(name))
            counts["inputs"] += 1
            counts.update(ends)
            counts["read as written"] += known and "read" in ends
            counts["written whole, read by nobody"] += known and "read" not in ends
            if wrong is not None:
                faults.append((seed, wrong))
    return counts, faults


def main():
    """Run a hunt and print what it met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--start", type=int, default=0, help="first seed")
    chosen = parser.parse_args()
    begun = time.perf_counter()
    counts, faults = hunt(range(chosen.start, chosen.start + chosen.count))
    print(f"{chosen.count:,} inputs in {time.perf_counter() - begun:.0f} s: {dict(counts)}")
    for seed, wrong in faults[:50]:
        print(f"seed {seed}: {wrong}")
    print(f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
