"""What names of entries say: words of training, of settings, of data and of scalings."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(words.split())


TRAINING: Final = word_set(
    "optim optimizer optimizers optimiser optimisers sched scheduler schedulers schedule lr lrs"
    " grad gradient gradients epoch epochs step steps iter iters iteration iterations loss losses"
    " acc accs accuracy accuracies err errs error errors metric metrics history logs logger rng"
    " seed seeds callbacks loops momentum patience elapsed adam adamw sgd rmsprop adagrad betas"
    " learning noise criterion milestones"
)
SETTINGS: Final = word_set(
    "args arguments kwargs cfg conf config configs hp hps hparam hparams hyper hyperparam"
    " hyperparams hyperparameter hyperparameters settings setup experiment flags options opt opts"
    " argv cmd command cmdline"
)
HOW_WELL: Final = word_set(
    "hist curve curves mse mae rmse nll ppl perplexity risk risks auc objective objectives obj"
    " margin margins kkt lambdas duals prediction predictions preds scores kinks split splits"
    " confusion eigenvalues"
)
MEASURED: Final = HOW_WELL | word_set(
    "times duration durations runtime runtimes wall ema shadow eigs spectrum grid norms lambda"
    " knots breakpoints"
)
"""Names of what is measured in training; beside those of a scaling they say nothing."""

_FILLERS: Final = word_set("n num fn func function best running current last total")
BEFORE: Final = word_set(
    "init inits initial initialization initialisation initializer initializers initialiser"
    " initialisers"
)
"""Names of settings of weights before training."""

ARGUMENTS: Final = word_set("args arguments")
"""Names of settings of a class, whatever else they are called."""

_NOT: Final = word_set("no non not without")

ACTIVATIONS: Final = word_set(
    "tanh sigmoid erf gelu silu swish elu selu celu mish softplus softsign hardtanh leaky leakyrelu"
    " lrelu prelu siren tansig logsig"
)
"""Names of other activations than ReLU."""

SKIPS: Final = word_set(
    "residual residuals res resnet resblock resblocks shortcut shortcuts highway bypass"
)
"""Names of skipped connections."""

SCALING: Final = word_set(
    "mean means mu std stds stdev sd sigma var vars variance variances scale scales scaling scaler"
    " shift shifts offset offsets center centre normalizer normaliser normalization normalisation"
    " standardizer standardiser whitening divisor divide divider subtract subtrahend multiplier"
    " affine"
)
LIMITS: Final = word_set(
    "min max minimum maximum lo hi low high lower upper avg average dev norm range loc"
)
"""Names of a scaling as well, where nothing but data is named beside them."""

OFFSETS: Final = word_set("bias intercept")
"""Names of what may be added to outputs."""

DATA: Final = word_set(
    "x y xs ys in out input inputs output outputs data dataset feat feats feature features target"
    " targets"
)
SETS: Final = word_set(
    "train training test val valid validation all sample samples data dataset datasets"
)
LABELLED: Final = word_set("clean noisy true flipped observed")
"""Words of labels with noise and without."""

_SCALES: Final = word_set("scale scales scaling")
_PARTS: Final = word_set("model net network layer layers hidden width head")
RECORDS: Final = word_set("list lists history hist log logs curve curves")
_LONGEST: Final = max(map(len, TRAINING | SETS | SCALING | LIMITS | DATA))
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_KEPT: Final = 64  # letters
_MARKED: Final = word_set("mean means stds stdev sigma variance scale scales shift offset std")
"""Words of a scaling whatever is written before them."""


def spelled(name: Any) -> tuple[str, ...]:
    """Return the words of a name in snake_case, camelCase or with points."""
    text = str(name)
    return _kept(text) if len(text) <= _KEPT else _spelled(text)


def _spelled(text: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(text))


# names of settings are the same ones again and again, many times over in a log
_kept = lru_cache(4096)(_spelled)


def is_of_training(name: Any) -> bool:
    """Whether a name has words of training alone."""
    words = words_of(name)
    return words <= TRAINING | SETS | RECORDS | _FILLERS and not words.isdisjoint(TRAINING)


def is_of_record(name: Any) -> bool:
    """Whether a name is that of what training wrote, as log and history."""
    words = words_of(name)
    return bool(words) and words <= TRAINING | SETS | RECORDS


def is_before_training(words: Iterable[str]) -> bool:
    """Whether words of a name are those of settings of first weights, and not arguments of a
    class, as init_args.
    """
    known = frozenset(words)
    return not BEFORE.isdisjoint(known) and ARGUMENTS.isdisjoint(known)


def affirmed(name: Any) -> list[str]:
    """Return the words of a name but for those that it denies, as in no_skip."""
    words = spelled(name)
    return [word for before, word in zip(["", *words], words, strict=False) if before not in _NOT]


def architectures(text: str) -> set[str]:
    """Return the affirmed words of a text, and resmlp, tanhnet and mlptanh without what nets are
    called.
    """
    words = affirmed(text)
    bare = (re.sub("^(mlp|net)|(mlp|net|network|fc)$", "", word) for word in words)
    return {*words, *bare}


def is_scaled_by_sizes(words: Iterable[str], said: str) -> bool:
    """Whether a text, under a name of a scaling of a network or its layers, is a formula, as
    1/sqrt(n) and sqrt_d.
    """
    named = frozenset(words)
    is_scale = bool(named & _SCALES) and named <= _SCALES | _PARTS | DATA
    return is_scale and bool(re.search(r"sqrt|^\s*1\.?0?\s*/|\*\*|\^", said.lower()))


def words_of(name: Any) -> set[str]:
    """Return the words of a name; two for xmean."""
    return {word for one in spelled(name) for word in _apart(one)}


def _apart(word: str) -> tuple[str, ...]:
    """Return the two words of a compound that names a scaling, in order; else the word alone."""
    return _kept_apart(word) if len(word) <= _KEPT else _compound(word)


def _compound(word: str) -> tuple[str, ...]:
    if word in TRAINING | SETTINGS | SCALING | LIMITS | DATA:
        return (word,)
    # one of the two is known; all places of a text without blanks would fill the memory
    places = (k for k in range(1, len(word)) if min(k, len(word) - k) <= _LONGEST)
    pairs = [(word[:k], word[k:]) for k in places]
    for pair in (*pairs, *(pair[::-1] for pair in pairs)):
        rest, known = pair
        if known in LIMITS and rest in DATA:
            return pair
        if known in SCALING and rest in DATA | SETS:
            return pair
        if known in TRAINING and rest in SETS | RECORDS:
            return pair
    marked = [(rest, known) for rest, known in pairs if known in _MARKED]
    return marked[0] if marked else (word,)


_kept_apart = lru_cache(4096)(_compound)
