"""State dicts whose layers come in some order, some shape or some checkpoint: what is read is what
was meant, and what may mean two nets is refused.
"""

import io
import json
from itertools import pairwise

import numpy as np
import pytest

import highdim
import univariate as u
from univariate.common.nets.named_layers import grouped
from univariate.common.reading.networks import read_network
from univariate.common.torch_layers import layers_in_words

# which nets are read and which refused; what is said of the others is tested in test_unasked
pytestmark = pytest.mark.filterwarnings("ignore::univariate.PassedOverWarning")

POINTS = np.linspace(-2.0, 3.0, 101)


def put(folder, content, name="file"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def doors(folder, entries):
    """Every way in that keeps the order of entries: a mapping, JSON and an archive."""
    stream = io.BytesIO()
    np.savez(stream, **entries)
    yield lambda: u.ReluNet.from_torch(entries)
    lists = {name: np.asarray(value).tolist() for name, value in entries.items()}
    yield lambda: u.load_network(put(folder, json.dumps(lists)))
    yield lambda: u.load_network(put(folder, stream.getvalue()))


def random_layers(*widths, bias=True, seed=0):
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(size=(n, m)), rng.normal(size=n) if bias else None) for m, n in pairwise(widths)
    ]


def entries_of(names, layers, kind="weight"):
    found = {}
    for name, (weight, bias) in zip(names, layers, strict=True):
        found[f"{name}.{kind}"] = weight.T if kind == "kernel" else weight
        if bias is not None:
            found[f"{name}.bias"] = bias
    return found


def value_of(layers, x=POINTS):
    hidden = np.asarray(x)[None, :]
    for depth, (weight, bias) in enumerate(layers):
        hidden = weight @ (np.maximum(hidden, 0.0) if depth else hidden)
        hidden = hidden if bias is None else hidden + bias[:, None]
    return hidden[0]


def assert_computes(net, layers):
    np.testing.assert_allclose(net(POINTS), value_of(layers), rtol=1e-12, atol=1e-12)


# Transposed weights


@pytest.mark.parametrize("names", [("fc1", "fc2"), ("0", "2"), ("hidden", "out")])
def test_transposed_weights_without_biases_are_not_read_in_reverse(tmp_path, names):
    """N = −3 σ(x) + σ(x), of clean error 1; reversed it is σ(−3 x + …), of clean error 0."""
    first, last = names
    entries = {f"{first}.weight": [[1.0, 1.0]], f"{last}.weight": [[-3.0], [1.0]]}
    message = (
        rf"fit in the order '{first}' -> '{last}' if all are transposed, .*; transpose them, or"
    )
    for read in doors(tmp_path, entries):
        with pytest.raises(ValueError, match=message):
            read()
    kernels = {name.replace("weight", "kernel"): value for name, value in entries.items()}
    for read in doors(tmp_path, kernels):
        assert u.clean_error(read()).value == 1.0


@pytest.mark.parametrize("widths", [(1, 3, 1), (1, 4, 2, 1), (1, 3, 3, 3, 1)])
def test_layers_in_reverse_are_refused_unless_biases_or_numbers_tell(tmp_path, widths):
    names = [f"fc{k}" for k in range(1, len(widths))]
    layers, bare = random_layers(*widths), random_layers(*widths, bias=False)
    # transposed weights whose names count down look the same
    for read in doors(tmp_path, entries_of(names[::-1], bare[::-1])):
        with pytest.raises(ValueError, match=r"in the order 'fc\d' -> .* if all are transposed"):
            read()
    for read in doors(tmp_path, entries_of(names[::-1], layers[::-1])):
        assert_computes(read(), layers)
    for read in doors(tmp_path, entries_of(names, bare[::-1])):
        with pytest.raises(ValueError, match="if all are transposed"):
            read()
    for read in doors(tmp_path, entries_of(names, layers[::-1])):
        if len(set(widths)) == len(widths) - 1:
            assert_computes(read(), layers)
        else:
            with pytest.raises(ValueError, match="in the order of their numbers"):
                read()


def test_transposed_weights_in_several_dimensions_say_so():
    layers = {"fc1.weight": np.ones((3, 4)), "fc2.weight": np.ones((4, 1))}
    with pytest.raises(ValueError, match="if all are transposed"):
        highdim.network_from_torch(layers)
    with pytest.raises(ValueError, match="in the order of their numbers"):
        highdim.network_from_torch({"fc1.weight": np.ones((1, 4)), "fc2.weight": np.ones((4, 3))})
    with pytest.raises(
        ValueError, match=r"one bias for each .* and whether its weights are transp"
    ):
        highdim.network_from_torch(layers | {"fc1.bias": np.ones(4)})


@pytest.mark.parametrize("bias", [False, True])
def test_kernels_are_read_as_what_they_are(tmp_path, bias):
    layers = random_layers(1, 4, 3, 1, bias=bias)
    entries = entries_of(["Dense_0", "Dense_1", "Dense_2"], layers, "kernel")
    for read in doors(tmp_path, entries):
        assert_computes(read(), layers)
    with pytest.raises(ValueError, match="has both a weight and a kernel in layer 'Dense_0'"):
        u.ReluNet.from_torch(entries | {"Dense_0.weight": layers[0][0]})


# Numbers in names


@pytest.mark.parametrize("hidden", [3, 5, 6, 9, 12])
def test_numbers_are_in_their_natural_order_or_refused(tmp_path, hidden):
    """Keys that were sorted as text have body.10 before body.2."""
    names = [*(f"body.{2 * k}" for k in range(hidden)), "head"]
    layers = random_layers(1, *[4] * hidden, 1)
    entries = entries_of(names, layers)
    for read in doors(tmp_path, entries):
        assert_computes(read(), layers)
    for read in doors(tmp_path, dict(sorted(entries.items()))):
        if hidden <= 5:
            assert_computes(read(), layers)
        else:
            with pytest.raises(ValueError, match=r"must have layers .* order"):
                read()
    numbered = [f"body.{2 * k}" for k in range(hidden + 1)]
    for read in doors(tmp_path, dict(sorted(entries_of(numbered, layers).items()))):
        assert_computes(read(), layers)


# A mapping for each layer


def test_a_mapping_for_each_layer_is_one_net(tmp_path):
    layers = random_layers(1, 4, 3, 1)
    parts = [{"weight": w.tolist(), "bias": b.tolist()} for w, b in layers]
    kernels = [{"kernel": w.T.tolist(), "bias": b.tolist()} for w, b in layers]
    flax = dict(zip(["Dense_0", "Dense_1", "Dense_2"], kernels, strict=True))
    deeper = {"encoder": {"fc1": parts[0], "fc2": parts[1]}, "head": parts[2]}
    inside = {"body": {"net": {"fc1": parts[0], "fc2": parts[1]}}, "head": parts[2]}
    plain = dict(zip(["fc1", "fc2", "fc3"], parts, strict=True))
    for one in (plain, {"params": flax}, deeper, inside, {"epoch": 3, "params": plain}):
        assert_computes(u.ReluNet.from_torch(one), layers)
        assert_computes(u.load_network(put(tmp_path, json.dumps(one))), layers)
    assert_computes(u.load_network(put(tmp_path, json.dumps(plain)), key=""), layers)
    two = {"model": plain, "ema": plain}
    with pytest.raises(ValueError, match="holds several networks, 'model', 'ema'; say which one"):
        u.ReluNet.from_torch(two)
    assert_computes(u.ReluNet.from_torch(two, key="ema"), layers)
    with pytest.raises(ValueError, match=r"must have layers that fit together, .* 'fc3' \(1, 3\)"):
        u.ReluNet.from_torch({"fc1": parts[0], "fc3": parts[2]})
    normed = {"params": {"Dense_0": kernels[0], "norm": {"scale": [1.0], "bias": [0.0]}}}
    with pytest.raises(ValueError, match=r"got entry '(params\.)?norm\.scale'"):
        u.ReluNet.from_torch(normed)


def test_linear_models_are_networks_of_their_own():
    one, other = {"weight": [[2.0]], "bias": [1.0]}, {"weight": [[3.0]], "bias": [1.0]}
    with pytest.raises(ValueError, match="holds several networks, 'model', 'ema'"):
        u.ReluNet.from_torch({"model": one, "ema": other})
    net = u.ReluNet.from_torch({"model": one, "ema": other}, key="ema")
    assert net([1.0]).tolist() == [4.0]


# What stands beside a network


LAYERS = {"0.weight": [[1.0], [2.0]], "0.bias": [0.0, -1.0], "2.weight": [[1.0, -3.0]]}

SCALINGS = {
    "arrays": {"x_mean": [-1.0], "x_std": [0.5]},
    "numbers": {"mean": -1.0, "std": 0.5},
    "whole numbers": {"x_min": -1, "x_max": 1},
    "objects": {"scaler": {"mean_": [-1.0], "scale_": [0.5], "n_samples_seen_": 7}},
    "another name": {"extra": np.array([0.5]), "config": {"width": 2}},
    "in settings": {"config": {"inputScale": 2.0}},
    "in a list": {"stages": [{"name": "x"}, {"inputs": [0.5, 1.0]}]},
    "statistics of Flax": {"batch_stats": {"BatchNorm_0": {"mean": [0.1], "var": [1.0]}}},
    "under a word": {"normalization": {"x": 2.0}},
    "an affine map": {"affine": {"a": 2.0, "b": 1.0}},
    "an offset of outputs": {"output_bias": 0.5},
    "an intercept": {"intercept": np.float64(0.5)},
    "an offset of scores": {"logit_bias": -1.0},
    "an offset in short": {"b_out": 0.5},
    "data": {"x": np.linspace(0.0, 1.0, 5), "y": np.ones(5)},
}


@pytest.mark.parametrize("name", SCALINGS)
@pytest.mark.parametrize("key", [None, "model"])
def test_a_scaling_beside_a_network_is_not_dropped(name, key):
    """N = σ((x + 1) / 0.5) − 1, of clean error 0; the state dict alone is another net."""
    first = next(iter(SCALINGS[name]))
    with pytest.raises(ValueError, match=rf"holds numbers '{first}\S*' beside the network, which"):
        u.ReluNet.from_torch({"model": LAYERS, "ema": LAYERS, **SCALINGS[name]}, key=key or "ema")
    with pytest.raises(ValueError, match=rf"holds numbers '{first}\S*' beside the network, which"):
        u.ReluNet.from_torch({"epoch": 1, "model": LAYERS, **SCALINGS[name]}, key=key and "")


def test_a_scaling_in_a_file_is_not_dropped_either(tmp_path):
    torch = pytest.importorskip("torch")
    tensors = {name: torch.tensor(value) for name, value in LAYERS.items()}
    scaled = {"model": tensors, "x_mean": torch.tensor([-1.0]), "x_std": torch.tensor([0.5])}
    torch.save(scaled, tmp_path / "net.pt")
    with pytest.raises(ValueError, match=r"net\.pt' holds numbers 'x_mean' beside the network"):
        u.load_network(tmp_path / "net.pt")
    flat = {f"{which}.{name}": one for which in ("gen", "disc") for name, one in tensors.items()}
    with pytest.raises(ValueError, match="holds numbers 'x_mean' beside the network"):
        u.ReluNet.from_torch({**flat, "x_mean": torch.tensor([-1.0])}, key="gen")


def test_what_is_of_training_is_passed_over(tmp_path):
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(torch.nn.Linear(1, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    optimizer = torch.optim.Adam(module.parameters(), betas=(0.8, 0.99))
    module(torch.ones(2, 1)).sum().backward()
    optimizer.step()
    checkpoint = {
        "state_dict": module.state_dict(),
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [{"base_lrs": [0.1], "last_epoch": 3}],
        "scaler": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 3},
        "epoch": 3,
        "best_score": torch.tensor(0.25),
        "train_losses": [0.5, 0.25],
        "valAcc": torch.tensor([0.5, 0.75]),
        "history": {"train": [0.1], "test": [[0.2, 0.3]]},
        "rng_state": torch.random.get_rng_state(),
        "hyper_parameters": {"betas": (0.9, 0.999), "widths": [3], "lr": 1e-3, "max_epochs": 9},
        "callbacks": {"ModelCheckpoint": {"best_k_models": {"a": torch.tensor([0.5])}}},
        "indices": torch.arange(5),
        "loops": {"fit": {"state": [1.5, None]}},
        "min_lr": 1e-6,
        "weight_decay": 0.1,
        "note": "nothing else",
        "flags": [True, None],
        "nothing": torch.zeros(0),
    }
    torch.save(checkpoint, tmp_path / "net.pt")
    assert u.load_network(tmp_path / "net.pt") == u.ReluNet.from_torch(module)


PAIRS = (
    "x_mean/x_std xmean/xstd Xmean/Xstd XMEAN/XSTD xMean/xStd x-mean/x-std meanx/stdx inMean/inStd"
    " xmin/xmax x_lo/x_hi xlower/xupper x_avg/x_dev lower/upper datamin/datamax divisor/subtract"
    " trainmean/trainstd pixelmean/pixelstd inputscale/inputshift xmu/xvar xoffset/xscale"
)


@pytest.mark.parametrize("number", [float, np.float64, np.array])
@pytest.mark.parametrize("name", [name for pair in PAIRS.split() for name in pair.split("/")])
def test_constants_of_scalings_are_known_however_their_names_are_written(name, number):
    with pytest.raises(ValueError, match=f"holds numbers '{name}' beside the network"):
        u.ReluNet.from_torch({"model": LAYERS, name: number(0.5)})


BOOKS = (
    "best_loss bestloss meanloss mean_acc train_loss_std loss_scale min_delta min_lr lr_max epoch"
    " max_epochs maxiter seed patience val_min val_max high_score avg_time softmax within margin"
    " admin index variant latin lower_is_better n_averaged max_grad_norm eta_min stopped"
)


@pytest.mark.parametrize("name", BOOKS.split())
def test_names_of_training_are_no_scalings(name):
    net = u.ReluNet.from_torch({"model": LAYERS, name: 0.5})
    assert net == u.ReluNet.from_torch(LAYERS)


RECORDS = (
    "train_hist margins train_mse test_risk nll ppl train_curve wall_times durations objective val"
    " trainloss testerr losslist acclist learning_rates betas lambdas kkt_gaps noise_std loss_fn"
    " x_train train_x y_test train_data dataset clean_labels noisy_labels y_true y_clean lambda"
    " weight_norms norms grid x_grid knots breakpoints"
)


@pytest.mark.parametrize("name", RECORDS.split())
def test_lists_of_training_and_samples_are_no_scalings(name):
    net = u.ReluNet.from_torch({"model": LAYERS, name: [0.5, 0.25]})
    assert net == u.ReluNet.from_torch(LAYERS)


@pytest.mark.parametrize(
    "name", ["train_stats", "train_affine", "margin_scale", "hist_mean", "train_mean", "data_range"]
)
def test_scalings_among_names_of_training_are_told(name):
    with pytest.raises(ValueError, match=f"holds numbers '{name}' beside the network"):
        u.ReluNet.from_torch({"model": LAYERS, name: [0.5, 0.25]})
    with pytest.raises(ValueError, match=rf"holds numbers 'train\.{name}' beside the network"):
        u.ReluNet.from_torch({"model": LAYERS, "train": {name: [0.5, 0.25]}})


@pytest.mark.parametrize("entry", [np.ones(1), [2.0]])
def test_vectors_called_weight_are_no_networks(entry):
    """Weights of classes in a loss are passed over, those of a normalisation are not."""
    net = u.ReluNet.from_torch({"model": LAYERS, "criterion": {"weight": entry}})
    assert net == u.ReluNet.from_torch(LAYERS)
    for key in (None, "model"):
        with pytest.raises(ValueError, match=r"holds numbers 'norm\.weight' beside the network"):
            u.ReluNet.from_torch({"model": LAYERS, "norm": {"weight": entry}}, key=key)


COUNTS = {
    "steps": np.array(3),
    "num_steps": np.array([3]),
    "running_loss": np.array(0.5),
    "criterion.pos_weight": np.array([2.0]),
    "loss_fn.pos_weight": np.array([2.0]),
    "train_acc.correct": np.array(3),
    "val_loss.mean_value": np.array(0.5),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_losses_and_metrics_in_state_dicts_are_passed_over(tmp_path, name):
    for read in doors(tmp_path, {**LAYERS, name: COUNTS[name]}):
        assert read() == u.ReluNet.from_torch(LAYERS)


@pytest.mark.parametrize(
    "name", ["step", "0.step", "steps.0.scale", "loss_scale", "alpha", "x_mean", "0.lr", "train"]
)
def test_other_parameters_in_state_dicts_are_not_passed_over(tmp_path, name):
    """A step may be that of a quantisation."""
    for read in doors(tmp_path, {**LAYERS, name: np.array(0.5)}):
        with pytest.raises(ValueError, match=f"got entry '{name}'; call .* do not depend on"):
            read()


ARRAYS = {
    "W1 b1 W2": ("W1", "b1", "W2"),
    "w_1 b_1 w_2": ("w_1", "b_1", "w_2"),
    "W0 b0 W1": ("W0", "b0", "W1"),
    "in words": ("weight1", "bias1", "weight2"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_called_after_their_layers_are_layers(tmp_path, name):
    entries = dict(zip(ARRAYS[name], LAYERS.values(), strict=True))
    for read in doors(tmp_path, entries):
        assert read() == u.ReluNet.from_torch(LAYERS)
    assert u.ReluNet.from_torch({"params": entries, "epoch": 3}) == u.ReluNet.from_torch(LAYERS)
    for read in doors(tmp_path, {**entries, "x_mean": np.array([0.5])}):
        with pytest.raises(ValueError, match="got entry 'x_mean'; call"):
            read()


def test_arrays_called_after_their_layers_keep_their_shapes(tmp_path):
    """Weights that multiply from the right are said to be transposed."""
    entries = {"W1": [[1.0, 2.0]], "b1": [0.0, -1.0], "W2": [[1.0], [-3.0]]}
    for read in doors(tmp_path, entries):
        with pytest.raises(ValueError, match=r"layer 'W1' must have one bias for .* transposed"):
            read()
    ambiguous = {"W1": [[1.0], [2.0]], "w1": [[1.0], [2.0]], "W2": [[1.0, -3.0]]}
    with pytest.raises(ValueError, match="got entry 'W1'"):
        u.ReluNet.from_torch(ambiguous)


def test_arrays_v_w_b_may_have_records_beside_them(tmp_path):
    parts = {"v": [1.0, -3.0], "w": [1.0, 2.0], "b": [0.0, -1.0]}
    for name in ("w", "W"):
        named = {"v": parts["v"], name: parts["w"], "b": parts["b"], "losses": [0.5], "seed": 3}
        path = put(tmp_path, json.dumps(named))
        assert u.load_network(path) == u.ReluNet(**parts)
    with pytest.raises(ValueError, match="must hold the arrays v, w, b alone, got c besides"):
        u.load_network(put(tmp_path, json.dumps({**parts, "losses": [0.5], "c": 1.0})))


MOMENTS = {"count": 3, "mu": {"0": np.array([0.5])}, "nu": {"0": np.array([0.5])}}

STATES = {
    "of PyTorch": {"opt": {"state": {0: {"exp_avg": np.ones(2)}}, "param_groups": [{"lr": 0.1}]}},
    "by another name": {"o": {"state": {0: {"exp_avg": np.ones(2)}}, "param_groups": []}},
    "adam": {"adam": {"exp_avg": np.ones(2), "exp_avg_sq": np.ones(2)}},
    "of Optax": {"opt_state": {"0": MOMENTS}},
    "an option": {"cmd": "train.py --init-scale 0.5", "argv": ["--init-std", "0.5"]},
    "averages": {"ema": {"decay": 0.9, "shadow_params": [np.ones((3, 1)), np.ones(3)]}},
    "std before training": {"config": {"init_std": 0.02}},
    "scale before training": {"hyper_parameters": {"initScale": 2.0, "init": {"std": 0.02}}},
}


@pytest.mark.parametrize("name", STATES)
def test_states_of_optimisers_and_settings_of_first_weights_are_passed_over(name):
    net = u.ReluNet.from_torch({"model": LAYERS, **STATES[name]})
    assert net == u.ReluNet.from_torch(LAYERS)


def test_a_scaling_in_a_text_is_not_passed_over():
    for text in ("x_mean: 0.5", '{"x_mean": [0.5]}', "Namespace(lr=1.0, x_mean=0.5)", "x_mean = 1"):
        with pytest.raises(ValueError, match=r"holds numbers 'note\.x_mean' beside the network"):
            u.ReluNet.from_torch({"model": LAYERS, "note": text})
    with pytest.raises(ValueError, match="holds numbers 'x_mean' beside the network"):
        u.ReluNet.from_torch({"model": LAYERS, "x_mean": "0.5"})


def test_settings_called_as_scalings_are_not_passed_over():
    for other in ({"opt": {"x_mean": 0.5}}, {"init_std": 0.5}, {"param_groups": [], "std": 0.5}):
        with pytest.raises(ValueError, match="beside the network, which may belong to it"):
            u.ReluNet.from_torch({"model": LAYERS, **other})


@pytest.mark.parametrize(
    "told", [{"growth_factor": 2.0}, {"param_groups": []}, {"count": 3, "mu": 0.5, "nu": 0.5}]
)
def test_a_scaling_beside_what_is_of_an_optimiser_is_not_passed_over(told):
    """N = σ((x + 1) / 0.5) − 1 again."""
    scaling = {**told, "x_mean": np.array([-1.0]), "x_std": np.array([0.5])}
    for other in ({"x": scaling}, scaling):
        with pytest.raises(ValueError, match="beside the network, which may belong to it"):
            u.ReluNet.from_torch({"model": LAYERS, **other})


def test_numbers_deeper_than_anyone_looks_are_not_passed_over():
    deep = np.array([0.5])
    for _ in range(12):
        deep = {"part": deep}
    with pytest.raises(ValueError, match="beside the network, which may belong to it"):
        u.ReluNet.from_torch({"model": LAYERS, "more": deep})


def test_lists_of_state_dicts_are_networks(tmp_path):
    other = {name: (2.0 * np.asarray(value)).tolist() for name, value in LAYERS.items()}
    checkpoint = {"best": LAYERS, "nets": [LAYERS, other]}
    path = put(tmp_path, json.dumps(checkpoint))
    with pytest.raises(ValueError, match=r"several networks, 'best', 'nets\.0', 'nets\.1'; say"):
        u.load_network(path)
    assert u.load_network(path, key="nets.1").v.tolist() == [2.0, -6.0]
    assert u.ReluNet.from_torch({"nets": (LAYERS,)}).v.tolist() == [1.0, -3.0]


def test_safetensors_without_biases_need_numbers(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    weights = np.array([[1.0], [1.0]]), np.array([[-3.0, 1.0]])
    for names in (("fc1", "fc2"), ("fc2", "fc1"), ("body", "head")):
        entries = dict(zip((f"{name}.weight" for name in names), weights, strict=True))
        numpy.save_file(entries, tmp_path / "net.safetensors")
        if names == ("fc1", "fc2"):
            assert u.clean_error(u.load_network(tmp_path / "net.safetensors")).value == 1.0
        else:
            with pytest.raises(ValueError, match="if all are transposed"):
                u.load_network(tmp_path / "net.safetensors")


@pytest.mark.parametrize("form", ["params/Dense_{}/{}", "mlp/dense_{}/{}:0", "params.Dense_{}.{}"])
def test_names_that_flax_and_keras_join(tmp_path, form):
    """N = 3 σ(x + 1) − σ(2 x − 1) + 1/2, its layers in the order of the alphabet and of use."""
    layers = [([[1.0, 2.0]], [1.0, -1.0]), ([[3.0], [-1.0]], [0.5])]
    arrays = {}
    for k, (kernel, bias) in enumerate(layers):
        arrays[form.format(k, "kernel")] = np.array(kernel)
        arrays[form.format(k, "bias")] = np.array(bias)
    for names in (list(arrays), sorted(arrays)):
        np.savez(tmp_path / "net.npz", **{name: arrays[name] for name in names})
        for net in (
            u.load_network(tmp_path / "net.npz"),
            u.ReluNet.from_torch({name: arrays[name] for name in names}),
        ):
            assert net([0.0, 1.0]).tolist() == [3.5, 5.5]
    moments = {form.format(k, "kernel"): np.ones((1, 1)) for k in "ab"}
    with pytest.raises(ValueError, match="must have"):
        u.ReluNet.from_torch(arrays | moments)
    with pytest.raises(ValueError, match="got entry 'params/BatchNorm_0/scale'"):
        u.ReluNet.from_torch(arrays | {"params/BatchNorm_0/scale": np.ones(2)})


# What says that something else than ReLU is between layers


OTHERWISE = {
    "settings": ("hyper_parameters.activation", {"hyper_parameters": {"activation": "tanh"}}),
    "beside": ("activation", {"activation": "leaky_relu"}),
    "a name of its own": ("cfg.act.name", {"cfg": {"act": {"name": "GELU"}}}),
    "a list": ("args.activations", {"args": {"activations": ["relu", "nn.ReLU6"]}}),
    "compound": ("activationFn", {"activationFn": "torch.nn.SiLU()"}),
    "an output": ("out_activation", {"out_activation": "sigmoid"}),
    "nothing": ("activation", {"activation": "identity"}),
    "residuals": ("config.use_residual", {"config": {"use_residual": True}}),
    "skips": ("skip_connections", {"skip_connections": True}),
    "JSON in a text": ("config.activation", {"config": '{"activation": "tanh"}'}),
    "YAML in a text": ("config.activation", {"config": "width: 3\nactivation: tanh"}),
    "words of Python": ("args.negative_slope", {"args": "Namespace(p=1, negative_slope=0.2)"}),
    "a switch in a text": ("args.residual", {"args": "residual=True"}),
    "a command line": ("argv.activation", {"argv": ["--p", "0.1", "--activation", "tanh"]}),
    "an option": ("run.act-fn", {"run": "train.py --act-fn=elu"}),
    "a value of its own": ("cfg.act.value", {"cfg": {"act": {"value": "tanh"}}}),
    "a class": ("layers._target_", {"layers": [{"_target_": "torch.nn.Tanh"}]}),
    "a summary": ("summary", {"summary": "MLP(\n  (act): Tanh()\n)"}),
    "a slope": ("leaky_slope", {"leaky_slope": 0.2}),
    "an architecture": ("arch", {"arch": "mlp-tanh"}),
    "a printed module": ("model_repr", {"model_repr": "Sequential(\n  (1): GELU()\n)"}),
    "inputs": ("config.normalize_inputs", {"config": {"normalize_inputs": True}}),
    "a class and its values": ("c.value", {"c": {"class": "C", "value": ["leaky_relu", 3]}}),
    "how inputs are scaled": ("config.normalization", {"config": {"normalization": "min-max"}}),
    "how they are prepared": ("preprocessing", {"preprocessing": "standardize"}),
    "norms": ("use_layer_norm", {"use_layer_norm": True}),
    "a power": ("activation", {"activation": "relu^2"}),
    "a multiple": ("config.act", {"config": {"act": "1.414 * relu"}}),
    "a sign": ("activation", {"activation": "-relu"}),
    "a whole number": ("args.residual", {"args": {"residual": 1}}),
    "a number in words": ("args.batchnorm", {"args": "--batchnorm 1"}),
    "a word": ("use_residual", {"use_residual": "yes"}),
    "a skip": ("use_skip", {"use_skip": True}),
    "ReLU off": ("use_relu", {"use_relu": False}),
    "no ReLU": ("no_relu", {"no_relu": 1}),
    "a residual that is not off": ("no_residual", {"no_residual": False}),
    "another one on": ("use_tanh", {"use_tanh": True}),
    "a slope of its own": ("leaky", {"leaky": 0.1}),
    "the name of a nonlinearity": ("cfg.sigma", {"cfg": {"sigma": "tanh"}}),
    "the head": ("head", {"head": "sigmoid"}),
    "a kind of norm": ("norm", {"norm": "layer"}),
    "where norms are": ("layer_norm", {"layer_norm": "pre"}),
    "powers of the width": ("parametrization", {"parametrization": "mean-field"}),
    "powers of the width in short": ("args.param", {"args": {"param": "ntk"}}),
    "a tangent": ("linearized", {"linearized": True}),
    "features": ("feature_map", {"feature_map": "numpy.sin"}),
    "a class of scikit-learn": ("prep", {"prep": "sklearn.preprocessing._data.Normalizer"}),
    "another architecture": ("net_type", {"net_type": "maxout"}),
    "a kind and its settings": ("arch", {"arch": "ResNet(depth=3, norm=False)"}),
    "JSON of a model": ("model_config.act", {"model_config": '{"residual": null, "act": "elu"}'}),
    "ReLU after the last layer": ("output_activation", {"output_activation": "relu"}),
    "one after the last layer": ("use_output_activation", {"use_output_activation": True}),
    "a last layer activated": ("mlp.activate_final", {"mlp": {"activate_final": True}}),
    "nothing after a hidden layer": ("last_hidden_act", {"last_hidden_act": "identity"}),
    "ReLU for each layer": ("acts", {"acts": ["relu", "ReLU"]}),
    "nothing in a list": ("activations", {"activations": [None, "relu", "relu"]}),
    "more than layers": ("activations", {"activations": ["relu", "relu", "linear"]}),
    "outputs apart": ("act.output", {"act": {"hidden": "relu", "output": "tanh"}}),
    "layers one by one": ("activations.1", {"activations": {"0": "relu", "1": "linear"}}),
    "a largest value": (
        "activation.config.max_value",
        {"activation": {"class_name": "ReLU", "config": {"max_value": 6.0, "threshold": 0.0}}},
    ),
    "a threshold": ("act.threshold", {"act": {"name": "relu", "threshold": 0.5}}),
    "an exponent": ("relu_power", {"relu_power": 2}),
    "arguments of a class": ("m.init_args.nonlin", {"m": {"init_args": {"nonlin": "tanh"}}}),
    "a leaky rectifier": ("activation", {"activation": "leaky rectified linear unit"}),
    "norms in short": ("use_bn", {"use_bn": True}),
    "observations": ("norm_obs", {"norm_obs": True}),
    "squashed": ("squash_output", {"squash_output": True}),
    "parts by their types": ("parts.type", {"parts": [{"type": "linear"}, {"type": "tanh"}]}),
    "parts by their names": ("spec.name", {"spec": [{"name": "fc"}, {"name": "elu", "alpha": 1}]}),
    "settings without names": ("cfg", {"cfg": ("mlp", 20, "tanh")}),
    "an abbreviation": ("hparams.af", {"hparams": {"af": "gelu"}}),
    "a program": ("code", {"code": "def forward(self, x):\n    return self.b(torch.tanh(x))"}),
    "an object": ("final.class", {"final": {"class": "torch.nn.modules.activation.Tanh"}}),
    "ranges of inputs": ("norm", {"norm": "minmax"}),
    "logarithms of inputs": ("log_x", {"log_x": True}),
    "no activation": ("config.activation", {"config": {"activation": None}}),
    "a function of a module": ("config.phi", {"config": {"phi": "torch.tanh"}}),
    "a private module": ("config.sigma", {"config": {"sigma": "torch._C._nn.gelu"}}),
    "one word of two": ("arch", {"arch": "resmlp"}),
    "one word with an activation": ("model_name", {"model_name": "tanhnet"}),
    "scalings by widths": ("scaling", {"scaling": "1/sqrt(n)"}),
    "scalings of outputs by widths": ("output_scaling", {"output_scaling": "1/m"}),
    "scalings by dimensions": ("input_scale", {"input_scale": "sqrt_d"}),
    "scaled outputs": ("scale_output", {"scale_output": True}),
    "centred inputs": ("center_inputs", {"center_inputs": True}),
    "ranges": ("minmax", {"minmax": True}),
    "scores": ("zscore", {"zscore": True}),
    "the first net subtracted": ("subtract_init", {"subtract_init": True}),
    "an abbreviation of preprocessing": ("preproc", {"preproc": "standard"}),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_files_that_say_otherwise_are_not_read_with_relu(tmp_path, name):
    """N = σ(x) − 3 σ(2x − 1); with tanh between the same weights have another clean error."""
    path, others = OTHERWISE[name]
    message = f"holds {path!r} = .* beside the network, but ReLU would be assumed"
    for key in (None, "model", ""):
        with pytest.raises(ValueError, match=message):
            u.ReluNet.from_torch({"model": LAYERS, **others}, key=key)
    with pytest.raises(ValueError, match=f"file' {message}"):
        u.load_network(put(tmp_path, json.dumps({"model": LAYERS, **others})))


SAME = (
    "relu",
    "ReLU",
    "nn.ReLU(inplace=True)",
    "<function relu at 0x7f3a>",
    "torch.nn.ReLU",
    "F.relu_",
    "rectifier",
    "Rectified linear unit",
    "tf.keras.activations.relu",
    "<built-in method relu of type object at 0x7f3a>",
    "<PjitFunction of <function relu at 0x7f3a>>",
)


@pytest.mark.parametrize("text", SAME)
def test_files_that_say_relu_are_read(text):
    others = {"activation": text, "output_activation": "none", "init_nonlinearity": "leaky_relu"}
    more = {"residual": False, "skip_existing": True, "action": "tanh", "nets": {"act_dim": 2}}
    more |= {"args": "Namespace(residual=False, negative_slope=0.0)", "arch": "mlp", "slope": 1.9}
    more |= {"time": "12:30:05", "url": "https://a.b/c", "batch_norm": False, "note": "lr: 0.1"}
    more |= {"summary": "MLP(\n  (act): ReLU()\n)", "argv": ["--activation", "relu", "--lr", "0.1"]}
    more |= {"best_model_path": "runs/tanh/3.ckpt", "activation_checkpointing": "full"}
    more |= {"no_residual": True, "use_relu": 1, "tanh": False, "skip_eval": True, "leaky": 0}
    more |= {"norm": "l2", "reg": "group lasso", "parametrization": "standard"}
    more |= {"target": "tanh", "tags": ["elu"], "head": "main", "encoder": "sklearn._label.X"}
    net = u.ReluNet.from_torch({"model": LAYERS, "config": others, **more})
    assert net == u.ReluNet.from_torch(LAYERS)


HARMLESS = {
    "nothing after the last": {"activations": ["relu", "linear"], "final_act": "null"},
    "nothing in a list": {"activations": ["ReLU", None], "hidden_activations": ["relu"]},
    "layers apart": {"activation": {"hidden": ["relu"], "output": None, "threshold": 0.0}},
    "heads": {"head_activation": "identity", "readout_act": "none", "use_head_activation": True},
    "scores": {"output_activation": "logits", "output_nonlinearity": "off"},
    "records": {"activation_dtype": "float32", "activation_stats": {"threshold": 0.1}},
    "what is normalised": {"normalize_advantage": True, "log_normalized_margin": True},
    "gradients": {"normalized_gd": True, "rescale_grad": 1, "residual_loss": True},
    "a rule of weights": {"init": {"name": "kaiming_normal", "nonlinearity": "leaky_relu"}},
    "an initialiser": {"initializer": {"name": "RandomNormal", "mean": 0.0, "stddev": 0.05}},
    "JSON": {"model_config": '{"residual": null, "tanh": false, "lr": 0.1}'},
    "a text of settings": {"network_args": "residual=False, tanh=False, batch_norm=False"},
    "words that deny": {"model": "MLP (no residual)", "arch": "mlp_without_skip"},
    "what is of no layer": {"data": {"type": "gaussian"}, "parts": [{"type": "relu"}]},
    "a program": {"code": "loss = F.softplus(-y * f(x)); p = torch.sigmoid(f(x)) # np.tanh(1)"},
    "words of a command": {"argv": ["--target", "tanh"]},
    "norms of weights": {"norm": "max", "margin_norm": "l2"},
    "logarithms": {"log_every": 10, "log_inputs": False, "logit_bias": -1.0},
    "the last of something": {"last": 1, "final": True, "out": 1},
    "data": {"train_labels": np.array([1.0, -1.0]), "kinks": [0.5, 1.5]},
    "steps": {"decay": {"type": "cosine"}, "scale_loss": True, "minmax": None},
    "no activation of the last layer": {"layers": [{"activation": "relu"}, {"activation": None}]},
    "no activation of a head": {"head": {"activation": None}},
    "no activation of outputs": {"final_activation": None, "activation_kwargs": None},
    "formulas": {"lr_scaling": "1/sqrt(n)", "init_scale": "1/sqrt(n)", "scale": "log"},
    "architectures": {"arch": "relunet", "model": "mlp", "net": "noresmlp", "name": "fc"},
    "not subtracted": {"subtract_init": False, "minmax": False, "scale_inputs": False},
    "types": {"type": "cosine", "kind": "torch.nn.ReLU", "phi": "torch.relu"},
}


@pytest.mark.parametrize("name", HARMLESS)
def test_settings_of_plain_nets_are_read(name):
    found = u.ReluNet.from_torch({"model": LAYERS, "config": HARMLESS[name]})
    assert found == u.ReluNet.from_torch(LAYERS)


def test_arguments_of_a_class_are_no_rule_of_first_weights():
    """A command line of Lightning calls them init_args."""
    for more in ({"x_mean": 0.5}, {"scale": 2.0}, {"output_mult": 2.0}):
        config = {"class_path": "nets.Net", "init_args": more}
        with pytest.raises(ValueError, match=r"holds numbers 'config\.init_args\.\w+' beside"):
            u.ReluNet.from_torch({"model": LAYERS, "config": config})


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ({"x_mean": "0.5"}, "holds numbers 'x_mean' beside the network"),
        ({"config": '{"x_std": [0.5]}'}, r"holds numbers 'config\.x_std' beside the network"),
        ({"activation": "tanh"}, "holds 'activation' = 'tanh' beside the network"),
        ({"config": '{"activation": "elu"}'}, r"holds 'config\.activation' = 'elu' beside"),
        ({"format": "pt", "step": "3", "activation": "relu"}, None),
    ],
)
@pytest.mark.parametrize("plain", [False, True])
def test_notes_of_safetensors_are_read(tmp_path, notes, message, plain):
    numpy = pytest.importorskip("safetensors.numpy")
    names = dict(zip(LAYERS, "wbv" if plain else LAYERS, strict=True))
    arrays = {names[name]: np.array(value) for name, value in LAYERS.items()}
    numpy.save_file(arrays, tmp_path / "net.safetensors", metadata=notes)
    if message is None:
        net = u.load_network(tmp_path / "net.safetensors")
        assert net == u.ReluNet.from_torch(LAYERS)
    else:
        with pytest.raises(ValueError, match=message):
            u.load_network(tmp_path / "net.safetensors")


NO_CHAINS = {
    "adapters": ["fc1", "fc2.base_layer", "fc2.lora_A.default", "fc2.lora_B.default", "fc3"],
    "layers inside": ["fc1", "fc2", "fc2.down", "fc2.up", "fc3"],
    "attention": ["inp", "attn.q", "attn.k", "attn.v", "out"],
    "queries": ["a", "W_q", "W_k", "W_v", "out"],
    "queries in words": ["a", "query", "key", "value", "out"],
    "a gate": ["fc1", "fc2", "fc3", "fc_gate", "fc4"],
    "a block": ["fc1", "fc2", "resBlock.a", "resBlock.b", "fc4"],
    "nothing between": ["net.0", "net.2", "net.4", "net.5", "net.7"],
    "nothing between at the end": ["0", "2", "4", "6", "7"],
    "nothing between two nn.Sequential": ["0", "1.0", "1.2", "1.4", "1.6"],
    "branches": ["branch1.a", "branch1.b", "branch2.a", "branch2.b", "out"],
    "parts of one kind": ["expert1", "expert2", "expert3", "expert4", "expert5"],
    "two sides": ["fc1", "left", "right", "fc2", "out"],
    "two signs": ["fc1", "fc_pos", "fc_neg", "fc2", "out"],
    "a highway": ["fc1", "transform", "carry", "fc2", "out"],
    "a side": ["fc1", "lateral", "fc2", "fc3", "out"],
    "a cell": ["inp", "cell.update", "cell.reset", "cell.h", "out"],
    "a scaling": ["whitening", "fc1", "fc2", "fc3", "out"],
    "a scaling before": ["net.scaler", "net.0", "net.2", "net.4", "net.6"],
    "other activations": ["tanh_net.0", "tanh_net.2", "tanh_net.4", "tanh_net.6", "tanh_net.8"],
    "another activation": ["fc1", "fc2", "fc3_gelu", "fc4", "out"],
}


@pytest.mark.parametrize("name", NO_CHAINS)
def test_layers_that_are_no_chain_by_their_names_are_refused(tmp_path, name):
    layers = random_layers(1, 4, 4, 4, 4, 1)
    for read in doors(tmp_path, entries_of(NO_CHAINS[name], layers)):
        with pytest.raises(ValueError, match=r"follow one another with ReLU between, .*--net-key"):
            read()
    entries = entries_of(NO_CHAINS[name], layers)
    assert_computes(u.ReluNet.from_torch(entries, key=""), layers)
    held = {"epoch": 3, "best": {"state_dict": entries}}
    with pytest.raises(ValueError, match=r"follow one another with ReLU between, .*--net-key"):
        u.ReluNet.from_torch(held)
    assert_computes(u.ReluNet.from_torch(held, key=""), layers)
    with pytest.raises(ValueError, match=r"or save these layers alone and say by key=''"):
        u.ReluNet.from_torch({"best": entries, "last": entries}, key="best")


CHAINS = {
    "blocks": ["0.0", "1.0", "2.0", "3.0", "4"],
    "blocks that begin with ReLU": ["0", "1.1", "1.3", "1.5", "1.7"],
    "lists of blocks": ["h.0", "h.1.0", "h.2.0", "h.3.0", "out"],
    "all of a scale": ["scale_net.0", "scale_net.2", "scale_net.4", "scale_net.6", "scale_net.8"],
    "a mean at the end": ["fc1", "fc2", "fc3", "fc4", "mean"],
    "all of one part": ["query.0", "query.2", "query.4", "query.6", "query.8"],
    "all of another": ["expert_policy.a", *(f"expert_policy.{name}" for name in "bcde")],
    "no square": ["transform", "fc2", "fc3", "fc4", "value"],
    "all of one value": ["value_net.0", "value_net.2", "value_net.4", "value_net.6", "value_net.8"],
    "of people": ["encoder", "hidden1", "hidden2", "hidden3", "readout"],
    "denied": ["no_skip.0", "no_skip.2", "no_skip.4", "no_skip.6", "without_tanh.0"],
    "ReLU in names": ["relu1", "relu2", "relu3", "linear_relu", "out"],
}


@pytest.mark.parametrize("name", CHAINS)
def test_names_that_say_nothing_against_a_chain_are_those_of_one(tmp_path, name):
    layers = random_layers(1, 4, 4, 4, 4, 1)
    for read in doors(tmp_path, entries_of(CHAINS[name], layers)):
        assert_computes(read(), layers)


def test_networks_called_after_other_activations_are_refused(tmp_path):
    nets = {"relu": LAYERS, "results": {"GELU": {"model": LAYERS}}, "tanh_net": LAYERS}
    for key in ("results.GELU.model", "tanh_net"):
        with pytest.raises(ValueError, match=f"network '{key}', by its name of another kind"):
            u.ReluNet.from_torch(nets, key=key)
    assert u.ReluNet.from_torch(nets, key="relu") == u.ReluNet.from_torch(LAYERS)
    with pytest.raises(
        ValueError, match=r"network 'resnet', by its name of another kind, but ReLU"
    ):
        u.load_network(put(tmp_path, json.dumps({"resnet": LAYERS})))


@pytest.mark.parametrize("stem", ["", "layers.", "net."])
def test_layers_that_count_evenly_are_a_chain(tmp_path, stem):
    layers = random_layers(1, 4, 4, 1)
    for numbers in ((0, 1, 2), (1, 3, 5), (0, 3, 5)):
        entries = entries_of([f"{stem}{k}" for k in numbers], layers)
        for read in doors(tmp_path, entries):
            assert_computes(read(), layers)


def test_a_list_of_layers_is_one_net(tmp_path):
    layers = random_layers(1, 4, 3, 1)
    parts = [{"weight": w.tolist(), "bias": b.tolist()} for w, b in layers]
    model = entries_of(["fc1", "fc2", "fc3"], layers)
    lists = {name: value.tolist() for name, value in model.items()}
    for whole in ({"layers": parts}, {"model": lists, "layers": [1, 4, 3, 1]}, {"layers": lists}):
        assert_computes(u.load_network(put(tmp_path, json.dumps(whole))), layers)
        assert_computes(u.ReluNet.from_torch(whole), layers)
    told = [part | {"activation": "tanh"} for part in parts]
    for whole in ({"layers": told}, dict(zip(["fc1", "fc2", "fc3"], told, strict=True))):
        with pytest.raises(ValueError, match=r"nothing after the last, got '\S+\.activation' = 't"):
            u.load_network(put(tmp_path, json.dumps(whole)))


@pytest.mark.parametrize("other", ["aux", "lin"])
def test_layers_without_numbers_come_between_others_only_where_they_are_declared(tmp_path, other):
    """Of the same shapes as a chain, but of a branch, or never applied."""
    first, square, last = random_layers(1, 4, 4, 1)
    parts = entries_of(["fc1", "fc2", other], [first, last, square])
    for read in doors(tmp_path, parts):
        with pytest.raises(ValueError, match="fit together in the order of their numbers"):
            read()
    with pytest.raises(ValueError, match="fit together in the order of their numbers"):
        highdim.network_from_torch(
            entries_of(["fc1", "fc2", other], [*random_layers(4, 4, 1), random_layers(4, 4)[0]])
        )
    declared = entries_of(["fc1", other, "fc2"], [first, square, last])
    for read in doors(tmp_path, declared):
        assert_computes(read(), [first, square, last])


def test_layers_beside_several_networks_may_belong_to_them():
    """As a scaling that both take, in a layer of its own."""
    layers = random_layers(1, 4, 1)
    nets = entries_of(["gen.0", "gen.2"], layers) | entries_of(["disc.0", "disc.2"], layers)
    scaling = {"scale.weight": np.array([[2.0]]), "scale.bias": np.array([1.0])}
    assert_computes(u.ReluNet.from_torch(nets, key="gen"), layers)
    for key in (None, "gen"):
        with pytest.raises(
            ValueError, match=r"holds 'scale\.weight' beside the networks 'gen', 'd"
        ):
            u.ReluNet.from_torch(nets | scaling, key=key)
    row = [(np.array([[2.0]]), np.array([1.0])), *layers, *layers]
    assert_computes(u.ReluNet.from_torch(scaling | nets, key=""), row)


HYPERPARAMETERS = {"lr": 0.1, "alpha": 0.2, "temperature": 3.0}


@pytest.mark.parametrize(
    ("model", "beside"),
    [
        (LAYERS, []),
        ({"net": LAYERS}, []),
        (LAYERS | {"epoch": 3}, ["epoch"]),
        ({"model": LAYERS, "note": "read by nobody", "step": 2}, ["note", "step"]),
        (
            {"run": {"net": LAYERS, "seed": 1}, "config": HYPERPARAMETERS},
            ["run.seed", "config (lr, alpha, temperature)"],
        ),
        ({"W1": [[1.0], [2.0]], "b1": [0.0, 1.0], "W2": [[1.0, 2.0]], "seed": 3}, ["seed"]),
        (
            {"params": {"a": {"kernel": [[1.0, 2.0]]}, "b": {"kernel": [[1.0], [2.0]]}}, "step": 3},
            ["step"],
        ),
        ({"model": LAYERS, "l" * 80: 1}, ["l" * 60 + "..."]),
        ({"model": LAYERS, "l" * 10**6: 1}, ["l" * 60 + "..."]),  # no more memory than the file
        ({"model": LAYERS, "": 1}, ["''"]),
        (
            {"model": LAYERS, "cmd": "train.py --lr 0.1 --alpha=2", "args": "Namespace(lr=1, q=2)"},
            ["cmd (lr, alpha)", "args (lr, q)"],
        ),
        ({"a": 5, "a.net": LAYERS, "b": 1}, ["a", "b"]),  # names with points are no paths
        ({"a": {"b": {"alpha": 1}}, "a.b": LAYERS}, ["a (b)"]),
        (
            {"model": LAYERS} | {f"run {k}": k for k in range(20)},
            [*(f"run {k}" for k in range(12)), "8 more"],
        ),
        (  # what training has is counted before what nobody knows
            {"model": LAYERS, "log": {f"loss {k}": k for k in range(13)} | {"alpha": 1}},
            ["log (alpha, " + ", ".join(f"loss {k}" for k in range(11)) + ", 2 more)"],
        ),
    ],
    ids=lambda part: "names" if isinstance(part, list) else "file",
)
def test_what_is_passed_over_beside_a_network_is_said(tmp_path, model, beside):
    """Names that could say more of a network have no end: those that are not refused are told."""
    path = tmp_path / "net.json"
    path.write_text(json.dumps(model))
    raw = read_network(path)
    assert raw.beside == beside
    words = layers_in_words(raw, 2)
    assert words.endswith(
        f"; passed over beside them: {', '.join(beside)}" if beside else "ReLU assumed between them"
    )


@pytest.mark.parametrize("beside", [False, True], ids=["around", "beside"])
def test_mappings_deeper_than_anyone_looks_are_refused(tmp_path, beside):
    """Without a word of Python's own."""
    inner = "1" if beside else json.dumps(LAYERS)
    deep = '{"a":' * 900 + inner + "}" * 900
    whole = f'{{"net": {json.dumps(LAYERS)}, "z": {deep}}}' if beside else deep
    with pytest.raises(ValueError, match=r"file' (holds numbers|must hold only)"):
        u.load_network(put(tmp_path, whole))


def test_cyclic_checkpoints_are_refused():
    """As pickles may be."""
    around: dict = {"net": LAYERS}
    around["self"] = [{"a": around}]
    alone: list = []
    alone.append({"a": alone})
    for model in (around, {"net": LAYERS, "c": alone}):
        with pytest.raises(ValueError, match=r"holds numbers '(self|c)"):
            u.ReluNet.from_torch(model)


CODES = ["int8", "uint8", "int16", ">i2"]


@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("form", ["layers", "arrays"])
def test_quantised_weights_whose_scales_lie_elsewhere_are_refused(tmp_path, dtype, form):
    weight, ones = np.array([[1], [2], [3]], dtype=dtype), np.ones(3)
    entries = {
        "layers": {"0.weight": weight, "0.bias": ones, "2.weight": ones[None]},
        "arrays": {"v": ones, "w": weight[:, 0], "b": ones},
    }[form]
    np.savez(tmp_path / "net.npz", **entries)
    doors = [lambda: u.load_network(tmp_path / "net.npz")]
    if form == "layers":
        doors.append(lambda: u.ReluNet.from_torch({"model": entries, "bits": 8}))
    for door in doors:
        with pytest.raises(ValueError, match=r"must hold weights .*, got u?int\d+ in .*scale"):
            door()
    floats = {name: array.astype(np.float32) for name, array in entries.items()}
    np.savez(tmp_path / "net.npz", **floats)
    assert u.load_network(tmp_path / "net.npz")(2.0) == 3 + 5 + 7


def test_whole_numbers_of_other_types_are_weights(tmp_path):
    entries = {"W1": np.array([[1], [2]]), "b1": np.array([0, -1]), "W2": np.array([[1, -3]])}
    np.savez(tmp_path / "net.npz", **entries)
    assert u.load_network(tmp_path / "net.npz")(2.0) == 2 - 9


@pytest.mark.parametrize("shape", [(3, 1), (1, 3)])
def test_columns_of_biases_are_told_what_they_are(shape):
    entries = {"W1": np.ones((3, 1)), "b1": np.ones(shape), "W2": np.ones((1, 3))}
    with pytest.raises(ValueError, match=r"a bias of shape \(3,\), got .*reshape\(-1\)"):
        u.ReluNet.from_torch(entries)


@pytest.mark.parametrize("name", ["_packed_params._packed_params", "weight_scale", "SCB"])
def test_quantised_layers_are_told_what_they_are(name):
    entries = {"0.weight": np.ones((3, 1)), f"0.{name}": np.ones(3), "2.weight": np.ones((1, 3))}
    with pytest.raises(ValueError, match="weights are quantised, save them as they were before"):
        u.ReluNet.from_torch(entries)


RECORDS = [  # of the first layer, of the last, and what is said against them
    ("relu", "linear", None),
    ("ReLU", None, None),
    ("nn.ReLU()", "identity", None),
    ("relu", "none", None),
    ("tanh", "linear", r"a.activation' = 'tanh'"),
    ("linear", "linear", r"a.activation' = 'linear'"),
    (None, None, r"a.activation' = None"),
    ("relu", "sigmoid", r"b.activation' = 'sigmoid'"),
    ("relu", "relu", r"b.activation' = 'relu'"),
]


@pytest.mark.parametrize(("first", "last", "message"), RECORDS)
def test_layers_that_say_their_activation_are_believed(tmp_path, first, last, message):
    a = {"weight": [[1.0], [2.0]], "bias": [0.0, -1.0]}
    b = {"weight": [[1.0, -3.0]]}
    plain = u.ReluNet.from_torch({"a": a, "b": b})
    named = {"a": a | {"activation": first}, "b": b | {"activation": last}}
    flat = {f"{n}.{kind}": one for n, layer in named.items() for kind, one in layer.items()}
    listed = {"layers": [layer | {"act": layer["activation"]} for layer in named.values()]}
    for model in (named, flat, {"model": flat, "epoch": 3}, listed):
        path = put(tmp_path, json.dumps(model))
        for key in (None, ""):
            if message is None:
                assert u.load_network(path, key=key) == plain
            else:
                wanted = message.replace("a.", r"\w+\.", 1).replace("b.", r"\w+\.", 1)
                with pytest.raises(ValueError, match=f"ReLU between and nothing after .*{wanted}"):
                    u.load_network(path, key=key)


def test_state_dicts_of_keras_are_called_so():
    kernel = [[1.0, 2.0]]
    names = [f"{above}_torch_params.s/dense/kernel" for above in ("", "_functional.")]
    with pytest.raises(ValueError, match=r"torch backend of Keras, .*by numpy\.savez"):
        u.ReluNet.from_torch(dict.fromkeys(names, kernel))
    with pytest.raises(ValueError, match=r"got entry '_torch_params\.s/dense/bias'; of a Keras"):
        grouped({"_torch_params.s/dense/bias": [1.0]})  # as of the module itself
