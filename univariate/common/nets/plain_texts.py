"""Texts beside a network that say nothing else of it: notes, printed ReLU nets, names of data."""

import re
from typing import Final

from univariate.common.nets.names import BEFORE, SETTINGS, spelled, word_set

_NOTES: Final = word_set("note notes comment comments description desc remark remarks memo")
_TELLING: Final = word_set(
    "input inputs output outputs layer layers unit units weight weights bias biases label labels"
    " sign signs act activation activations nonlinearity relu net network model mlp head skip"
    " skips shortcut"
    " residual res square squared power log exp abs norm scale scales scaled scaling shift shifted"
    " offset centred centered minus plus times over divided divide divides multiplied multiply"
    " subtract subtracted normal normalised normalized standardised standardized whitened rescaled"
    " clipped clamp clamped flipped swapped reversed feature features fourier pca linear sin cos"
    " mean std max min zero one sum difference of"
    " x y xs ys f g halved doubled twice negated absolute reciprocal inverse periodic odd symmetric"
    " symmetrised symmetrized antisymmetric antisymmetrised antisymmetrized ensemble averaged"
)
"""Words with which a note may be about what a network computes."""

_LONGEST: Final = 400  # letters of a note, all of which are looked at

_PRINTED: Final = word_set("repr str text printed print summary structure string")
_OF_NETS: Final = word_set("model net network mlp arch architecture module layers layer")
_HEAD: Final = re.compile(r"(?P<kind>[A-Za-z]\w*)\(")
_LINE: Final = re.compile(r" +\(\w+\): (?P<kind>[A-Za-z]\w*)\((?P<inside>[\w=., ]*\))?")
_SILENT: Final = word_set("Sequential ModuleList Dropout Identity Linear ReLU")
_NET: Final = re.compile(
    r"(?:My|Simple|Shallow|Deep|Two|Layer|Small|Base|Re[Ll][Uu])*(?:M[Ll][Pp]|Net|Network|Model)\d*"
    r"|Sequential"
)

_LAWS: Final = word_set("distribution dist law density sampler")
_KINDS: Final = word_set(
    "uniform gaussian normal sphere spherical circle ball cube unit standard iid grid equispaced"
    " lattice beta random"
)
_TRUTHS: Final = word_set("target targets truth")
_FUNCTIONS: Final = word_set("constant const ones positive sign teacher")


def is_plain_text(name: str, text: str) -> bool:
    """Whether a text that names no other activation says, under such a name, nothing of a network:
    a note without words that are of one, a printed net of linear layers and ReLU, a law of x, a
    truth.
    """
    words = frozenset(spelled(name))
    said = frozenset(spelled(text))
    if words <= _NOTES | SETTINGS and not words.isdisjoint(_NOTES):
        is_short = len(text) <= _LONGEST and text.isascii() and not re.search(r"[*^/=<>\d:]", text)
        return is_short and said.isdisjoint(_TELLING)
    if words <= _PRINTED | _OF_NETS and not words.isdisjoint(_OF_NETS):
        return _is_printed_relu_net(text)
    if not said or not words.isdisjoint(BEFORE):
        return False
    if words <= _LAWS | word_set("x input inputs data type name"):
        return not words.isdisjoint(_LAWS) and said <= _KINDS
    return not words.isdisjoint(_TRUTHS) and words <= _TRUTHS | SETTINGS and said <= _FUNCTIONS


def _is_printed_relu_net(text: str) -> bool:
    """Whether a text is a printed module of linear layers with ReLU between, or where it does not
    say how they are applied, with nothing but ReLU among them.
    """
    first, *lines = text.strip().splitlines()[:1000] or [""]
    head = _HEAD.fullmatch(first)
    inner = [line for line in lines if line.strip() != ")"]
    found = [_LINE.fullmatch(line) for line in inner]
    if head is None or not _NET.fullmatch(head["kind"]) or not all(found):
        return False
    kinds = [head["kind"], *(one["kind"] for one in found if one)]
    if not _SILENT.issuperset(kinds[1:]):
        return False
    layers = "".join(kind[0] for kind in kinds if kind in ("Linear", "ReLU"))
    if "Sequential" not in kinds:
        return "L" in layers
    return bool(re.fullmatch("L(?:RL)*", layers))
