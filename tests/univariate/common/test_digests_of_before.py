"""Digests of functions that hold nothing besides data: files of before go on."""

import linecache
import types

import pytest

from univariate.common.digests.digest import difference, surroundings_differ
from univariate.common.digests.function_digest import meaning


def loaded(folder, text):
    """Return the module of a text, as the command line runs it."""
    path = folder / "mine.py"
    path.write_text(text)
    module = types.ModuleType("_mine")
    module.__file__ = str(path)
    linecache.checkcache(str(path))
    exec(compile(text, str(path), "exec"), vars(module))
    return module


BEFORE = {
    "a function": (
        "def train(s):\n    return s\n",
        "47a3d7ad62e2deb9-e4a6a0577479b2b4-f85448087148b598",
    ),
    "a private value": (
        "_K=3\ndef train(s):\n    return _K\n",
        "4bc12813c556057a-45566dffdf23200f-afb2e84eb5de76b1",
    ),
    "an array": (
        "import numpy as np\nT=np.arange(5.)\ndef train(s):\n    return T[0]\n",
        "746cc584a375c4ae-225ee09e0f3a1cbb-9242c044aeedf499",
    ),
    "a closure": (
        "def mk(k):\n    def train(s):\n        return k\n    return train\ntrain=mk(3)\n",
        "8bf60d769ecdb287-45566dffdf23200f-09d3412b81956eac",
    ),
    "a partial": (
        "from functools import partial\ndef f(s,k=1):\n    return k\ntrain=partial(f,k=4)\n",
        "f7eb0378daad35ec-59d5ee153279a8c6-79785b366c124806",
    ),
    "a lambda": (
        "K={'a':[1,2,(3,4)]}\ntrain=lambda s: K['a']\n",
        "fc878cb62dac6600-a86baf220bd086c5-321da3508167fbe3",
    ),
    "an object": (
        "class Net:\n"
        "    def __init__(self,k):\n"
        "        self.k=k\n"
        "    def __call__(self,s):\n"
        "        return self.k\n"
        "train=Net(3)\n",
        "8f3f8a04260ba851-45566dffdf23200f-372acffc2823e7cf",
    ),
    "a record with slots": (
        "from dataclasses import dataclass\n"
        "@dataclass(frozen=True,slots=True)\n"
        "class R:\n"
        "    k:int=1\n"
        "r=R(3)\n"
        "def train(s):\n"
        "    return r.k\n",
        "c7de3236fba9b92c-45566dffdf23200f-a8a75b270f497d03",
    ),
    "an enumeration": (
        "from enum import Enum\n"
        "class E(Enum):\n"
        "    A=1\n"
        "    B=2\n"
        "def train(s):\n"
        "    return E.A.value\n",
        "34dd9e6785a8ae15-e4a6a0577479b2b4-7a17b4390a87b0bd",
    ),
    "a decorated function": (
        "import functools\n"
        "LOG=[]\n"
        "def log(f):\n"
        "    @functools.wraps(f)\n"
        "    def inner(*a):\n"
        "        LOG.append(a)\n"
        "        return f(*a)\n"
        "    return inner\n"
        "@log\n"
        "def train(s):\n"
        "    return 1\n",
        "573e3b556d5679ce-e4a6a0577479b2b4-16c8f0f39228751f",
    ),
    "a counter": (
        "N=0\ndef train(s):\n    global N\n    N+=1\n    return s\n",
        "145f82dce122368b-e4a6a0577479b2b4-8095c5ff81e76f7d",
    ),
    "a generator of random numbers": (
        "import random\nR=random.Random(3)\ndef train(s):\n    return R.random()\n",
        "8d55e167b9ddd2a0-e4a6a0577479b2b4-e08eaf3bdcdc7a39",
    ),
    "a method": (
        "class T:\n"
        "    def __init__(self):\n"
        "        self.k=2\n"
        "        self.log=[]\n"
        "    def fit(self,s):\n"
        "        self.log.append(1)\n"
        "        self.best=3\n"
        "        return self.k\n"
        "t=T()\n"
        "train=t.fit\n",
        "46d8706953df8db2-c0ce5b43fe4c603f-c6ec78511c8ff9d6",
    ),
    "slots": (
        "class T:\n"
        "    __slots__=('k','_z')\n"
        "    def __init__(self):\n"
        "        self.k=2\n"
        "        self._z=3\n"
        "    def __call__(self,s):\n"
        "        return self.k\n"
        "train=T()\n",
        "a0f279b571cb6ebc-62e58844b72db248-b6ff721614b53725",
    ),
    "namespaces": (
        "from types import SimpleNamespace\n"
        "a=SimpleNamespace(k=1,net=SimpleNamespace(w=3))\n"
        "def train(s):\n"
        "    return a.k+a.net.w\n",
        "a8d24a4ed7ec2a22-73eea8cdb40daa07-c566013e833020db",
    ),
    "an attribute of a function": (
        "def train(s):\n    return train.k\ntrain.k=3\n",
        "a17c957e730906c1-8b63f5ff1f25422f-2926ea6c25ec35b2",
    ),
    "an inherited attribute": (
        "class A:\n"
        "    k=1\n"
        "    def run(self):\n"
        "        return self.k\n"
        "class B(A):\n"
        "    pass\n"
        "B.k=4\n"
        "def train(s):\n"
        "    return B().run()\n",
        "e3a585308c284dd4-11b8fe25305b789f-ea68899b96eb5a73",
    ),
    "a rule of this library": (
        "import univariate as u\n"
        "from functools import partial\n"
        "train=partial(u.NearestNeighbours,k=3)\n",
        "4d3fcec0cc54746b-f82386becc5dcde8-e4a6a0577479b2b4",
    ),
}
"""Functions that hold nothing besides data, with the digests that files of before have of them."""


@pytest.mark.parametrize(("text", "before"), BEFORE.values(), ids=BEFORE)
def test_files_of_before_go_on(tmp_path, text, before):
    now = meaning(loaded(tmp_path, text).train)
    assert now.startswith(f"{before}-")
    assert difference(before, now) == ""
    assert not surroundings_differ(before, now)


def test_files_of_before_with_more_than_was_read_are_doubtful():
    before = "1-2-3"
    for now in ("1-2-3-4", "1-2-4-4"):
        assert difference(before, now) == ""
        assert surroundings_differ(before, now)
    assert difference("1-2-3-4", "1-2-3-5") == "a value that it uses"
    assert "definition" in difference("1-2-3-4", "2-2-3-5")
    assert not surroundings_differ("1-2-3-4", "1-2-3-4")
