"""Names of what checkpoints hold of a run: when, where and with what a network was trained, and how
well. None of it says what function the network is.

Gathered from what PyTorch Lightning, fairseq, timm, accelerate, torchvision, MMEngine, Ultralytics,
DeepSpeed, Flax, wandb, Hydra and scripts of their users save. Words that may say more of a network,
as alpha, gamma, temperature and positive, are not among them.
"""

import re
from typing import Any, Final

from univariate.common.nets.names import (
    BEFORE,
    HOW_WELL,
    LABELLED,
    LIMITS,
    RECORDS,
    SETS,
    SETTINGS,
    TRAINING,
    is_before_training,
    word_set,
    words_of,
)

_CALLED: Final = word_set(
    "id ids uid uuid guid name names title tag tags project wandb tensorboard tb mlflow hydra"
    " sacred comet neptune experiment exp expname group sweep trial trials fold folds"
    " index idx run runs"
)
_HOW_WELL: Final = HOW_WELL | word_set("mape roc score fitness best recall result results gap gaps")
_REST: Final = word_set(
    # when and where
    "date datetime day time times timestamp timestamps created updated saved started finished"
    " ended duration durations runtime runtimes wall clock sec secs seconds minutes hours"
    " author authors user username owner host hostname machine node platform system os cluster"
    " slurm job jobs pid process account org entity"
    " cpu cpus gpu gpus tpu cuda cudnn nccl device devices mps ram rank world distributed"
    " dist ddp fsdp deepspeed worker workers thread threads amp precision dtype deterministic"
    " benchmark compile compiled"
    # of which versions
    " git commit commits hash sha branch dirty repo repository remote origin version versions"
    " python torch pytorch numpy scipy sklearn jax jaxlib flax optax orbax lightning keras"
    " tensorflow transformers timm fairseq accelerate mmcv mmengine ultralytics package packages"
    " requirements env environment conda library license docs format schema"
    # in which files
    " path paths file files filename folder dir dirname directory url uri prefix suffix"
    " ckpt checkpoint checkpoints checkpointing save load resume restore logdir outdir savedir"
    " workdir root cache pretrained finetune finetuned"
    # how it was trained
    " batch batches minibatch bs wd decay nesterov dampening amsgrad maximize foreach fused"
    " capturable averaged eta warmup cooldown anneal annealing reg regularization"
    " regularisation regularizer regulariser penalty dropout mixup cutmix augment"
    " augmentation augmentations aug shuffle shuffled sampler loader loaders dataloader datamodule"
    " iterator eval evaluation evaluate trainer fit monitor early stopping stopped stop wait tol"
    " tolerance converged convergence status success completed done verbose verbosity debug"
    " progress print plot figure updates algorithm solver lion lamb"
    " adadelta nadam radam lbfgs muon shampoo sam swa lookahead prng random manual dry task stage"
    " classes hook message msgs hub gd ngd ema shadow freeze frozen"
    " trainable flip flips"
)
_OF_RUNS: Final = _CALLED | _HOW_WELL | _REST
_RECORDS: Final = RECORDS - word_set("list lists")

_PLAIN: Final = word_set(
    "n num no number size sizes count counter of per is has use with max min best last current"
    " running previous prev next first final global local total cumulative old new the and"
    " model net network module state states dict type kind mode fn func function list text value"
    " values info extra weight label labels data input output param params parameters json yaml yml"
    " dp mp ds zero key top clean noisy backend clip clipping rate rates drop eps"
    " epsilon py flow memory repeat repeats freq"
    " frequency interval every at by from to on since"
    " frac fraction level prob probability start end out code p generator"
)
"""Words that say nothing of a network beside one of a run."""

_AVERAGES: Final = word_set("mean std sd norm norms scale scaler scaling")
"""Of losses and gradients, nothing of a network."""

_GOALS: Final = HOW_WELL | word_set(
    "loss losses acc accuracy err error errors grad gradient gradients lr lrs epoch epochs"
)
_REACHED: Final = word_set("target threshold thresholds goal auto")
"""Words beside those of what training is to reach, or what is set by itself."""

_JOINED: Final = re.compile(
    "(best|mean|avg|last|final|max|min|total|num|n|start|cur|curr|current)"
    "(loss|acc|accuracy|error|epochs?|steps?|iters?|lr|seed)",
    re.IGNORECASE,
)
"""Two words that are written as one."""

_RULES: Final = word_set(
    "rule scale std gain type kind name method mode scheme dist distribution mean bias biases"
    " weight weights seed var variance fn range kernel hidden first last second layer layers out"
    " output zero size param params relu nonlinearity sigma lr"
)
"""Words beside those of first weights."""

_SCALARS: Final = word_set(
    "l1 l2 f1 r2 beta1 beta2 beta_1 beta_2 label_smoothing opt_eps min_delta"
)
"""Names of penalties, scores and averages that no single word of them says."""

_CONTAINERS: Final = word_set(
    "meta metadata state states extra info run train trainer training data dataset model net"
    " network module mlp arch architecture layer layers params parameters hyper json yaml yml"
    " value values user all ds task eval runs experiment trial checkpoint ckpt node root"
)
_SETS: Final = SETS | LABELLED | word_set("label labels")
_DATA: Final = word_set("x y xs ys n num size sizes set name type kind distribution frac fraction")


def _words_in(name: Any) -> set[str]:
    """Return the words of a name; one that nobody knows where it has none, or other letters."""
    text = str(name)
    words = words_of(text) if text.isascii() else set()
    return words or (set() if text.isdecimal() else {"?"})


def is_of_run(name: Any) -> bool:
    """Whether a name is known to say nothing of what a network computes."""
    words = _words_in(name)
    if str(name).lower() in _SCALARS:
        return True
    if not BEFORE.isdisjoint(words):
        return is_before_training(words) and words <= BEFORE | _RULES
    known = SETS | RECORDS | TRAINING | SETTINGS | _OF_RUNS | _PLAIN
    if _JOINED.fullmatch(str(name)):
        return True
    if not words.isdisjoint(TRAINING | _RECORDS | _HOW_WELL):
        beside = frozenset() if words.isdisjoint(_GOALS) else _REACHED
        return words <= known | LIMITS | _AVERAGES | beside
    return not words.isdisjoint(_OF_RUNS) and words <= known


def is_label(name: Any) -> bool:
    """Whether a name is that of what a run is called, in which settings may be written."""
    words = _words_in(name)
    return not words.isdisjoint(_CALLED) and words <= _CALLED | SETTINGS | _PLAIN


def is_of_sample(name: Any) -> bool:
    """Whether a name is that of data, in sets or with labels, and no more."""
    words = _words_in(name)
    return not words.isdisjoint(_SETS) and words <= _SETS | _DATA


def is_of_settings(name: Any) -> bool:
    """Whether what is under a name is told by names of its own."""
    words = _words_in(name)
    if words <= SETTINGS | _CONTAINERS:
        return True
    return not words.isdisjoint(SETTINGS) and words <= SETTINGS | _CONTAINERS | _OF_RUNS | SETS
