"""Networks from PyTorch and scikit-learn, compared with what those packages compute themselves."""

import sys
import zipfile
from collections import OrderedDict
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from oracles import exact

import highdim
from univariate.common.torch_layers import constant_neuron, named_layers_from_torch
from univariate.problem.deep_network import DeepReluNet
from univariate.problem.network import ReluNet
from univariate.problem.network_files import load_network

EPSILON = float(np.finfo(np.float64).eps)
POINTS = np.concatenate([np.linspace(-2.0, 2.0, 41), [0.1, 1 / 3, 100.0]])


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def rounding(net, x):
    """Computed tolerance: a rounding per term, of the size that the layers reach with all signs
    positive.
    """
    size, terms = np.abs(np.atleast_1d(x))[None, :], 0
    for weight, bias in net.layers:
        size = np.abs(weight) @ size + np.abs(bias)[:, None]
        terms += weight.shape[1] + 2
    return 2.0 * terms * EPSILON * size[0]


def assert_equals_torch(net, model, x=POINTS):
    """`net` equals the model evaluated by torch in double precision, up to rounding."""
    torch = pytest.importorskip("torch")
    with torch.no_grad():
        expected = model.double()(torch.tensor(x)[:, None]).numpy().ravel()
    assert np.all(np.abs(net(x) - expected) <= rounding(net, x))


def sequential(torch, *widths, output_bias=True, dtype=None, seed=0):
    """Linear, ReLU, …, Linear with the given widths."""
    torch.manual_seed(seed)
    layers = []
    for depth, (inputs, outputs) in enumerate(pairwise(widths)):
        last = depth == len(widths) - 2
        layers.append(torch.nn.Linear(inputs, outputs, bias=output_bias or not last, dtype=dtype))
        layers += [] if last else [torch.nn.ReLU()]
    return torch.nn.Sequential(*layers)


# PyTorch modules and state_dicts


def test_one_hidden_layer_without_output_bias_becomes_a_shallow_net(torch):
    model = sequential(torch, 1, 12, 1, output_bias=False)
    net = ReluNet.from_torch(model)
    assert isinstance(net, ReluNet)
    assert net.w.tolist() == model[0].weight[:, 0].tolist()
    assert net.b.tolist() == model[0].bias.tolist()
    assert net.v.tolist() == model[2].weight[0].tolist()
    assert_equals_torch(net, model)


def test_an_output_bias_of_zero_still_gives_a_shallow_net(torch):
    model = sequential(torch, 1, 5, 1)
    torch.nn.init.zeros_(model[2].bias)
    assert isinstance(ReluNet.from_torch(model), ReluNet)


def test_an_output_bias_becomes_a_neuron(torch):
    model = sequential(torch, 1, 6, 1)
    net = ReluNet.from_torch(model)
    assert isinstance(net, ReluNet)
    assert (net.width, net.w[-1]) == (7, 0.0)
    assert Fraction(net.v[-1]) * Fraction(net.b[-1]) == Fraction(model[2].bias.item())
    assert_equals_torch(net, model)


@pytest.mark.parametrize("value", [1.0, -3.0, 5e-324, -1e-310, 1e-160, 1.7e308, 0.1, -(2.0**1000)])
def test_neurons_that_are_output_biases_are_exact(value):
    v, b = constant_neuron(value)
    assert Fraction(v) * Fraction(b) == Fraction(value)
    assert b > 0.0
    assert 0.25 <= abs(v) / b <= 4.0


@pytest.mark.parametrize("widths", [(1, 7, 5, 1), (1, 4, 4, 4, 1), (1, 1)])
def test_depth_gives_a_deep_net(torch, widths):
    model = sequential(torch, *widths)
    net = ReluNet.from_torch(model)
    assert isinstance(net, DeepReluNet)
    assert net.widths == widths[1:-1]
    assert_equals_torch(net, model)


def test_hidden_layers_without_bias(torch):
    nn = torch.nn
    model = nn.Sequential(nn.Linear(1, 4, bias=False), nn.ReLU(), nn.Linear(4, 1, bias=False))
    net = ReluNet.from_torch(model)
    assert net.b.tolist() == [0.0] * 4
    assert_equals_torch(net, model)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("output_bias", [False, True])
def test_every_float_type_is_lifted_exactly(torch, dtype, output_bias):
    model = sequential(torch, 1, 9, 1, output_bias=output_bias, dtype=getattr(torch, dtype))
    net = ReluNet.from_torch(model)
    wanted = [[float(entry) for entry in part.flatten()] for part in model.state_dict().values()]
    found = [part.tolist()[:9] for part in (net.w, net.b, net.v)]
    assert found == wanted[:3]
    assert net.width == (10 if output_bias else 9)
    lifted = [(np.array(w), np.array(b)) for w, b in net.layers]
    for x in (0.3, -1.0):
        assert abs(Fraction(float(net(x))) - exact.deep_value(lifted, x)) <= Fraction(
            rounding(net, x)[0]
        )


def test_a_state_dict_is_as_good_as_the_module(torch):
    model = sequential(torch, 1, 6, 3, 1)
    assert ReluNet.from_torch(model.state_dict()).to_dict() == ReluNet.from_torch(model).to_dict()


@pytest.mark.parametrize(
    "net",
    [
        ReluNet([1, -2.5, 0], [3, 0, 1e-300], [0.1, 1e300, -0.0]),
        DeepReluNet([([[1], [-2]], [0.5, 1]), ([[3, 1e-20]], [0]), ([[-1]], [0.25])]),
        highdim.TwoLayerNet([1, -1], [[1, 2, 0.1], [0, 0, 3]], None),
        highdim.TwoLayerNet([1, -1], [[1, 2, 0.1], [0, 0, 3]], [0.5, 0]),
        highdim.ThreeLayerNet([2], [[1, -1]], [0.1], [[1, 2, 0.1], [0, 0, 3]], None),
    ],
)
def test_a_net_goes_to_torch_and_comes_back_bit_for_bit(torch, net):
    state = torch.random.get_rng_state()
    module = net.to_torch()
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(part.dtype == torch.float64 and part.requires_grad for part in module.parameters())
    read = ReluNet.from_torch if isinstance(net, DeepReluNet) else type(net).from_torch
    back = read(module.state_dict())
    assert type(back) is type(net)
    assert back == net
    inputs = 1 if isinstance(net, ReluNet | DeepReluNet) else net.dimension
    x = np.random.default_rng(0).normal(size=(20, inputs))
    with torch.no_grad():
        outputs = module(torch.from_numpy(x)).numpy()[:, 0]
    np.testing.assert_allclose(net(x[:, 0] if inputs == 1 else x), outputs, rtol=1e-12)
    module(torch.from_numpy(x)).sum().backward()  # it can be trained on, and the net stays
    assert read(module.state_dict()) == net


def test_the_module_is_left_as_it_was(torch):
    model = sequential(torch, 1, 6, 1)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    net = ReluNet.from_torch(model)
    net(POINTS)
    assert model.training
    for name, tensor in model.named_parameters():
        assert torch.equal(tensor, before[name])
        assert tensor.requires_grad
        assert tensor.dtype == torch.float32


def test_training_on_does_not_change_a_converted_net(torch):
    model = sequential(torch, 1, 6, 1, output_bias=False, dtype=torch.float64)
    net = ReluNet.from_torch(model)
    before = net.to_dict()
    with torch.no_grad():
        model[0].weight.add_(1.0)
    assert net.to_dict() == before


def custom_module(torch):
    class Custom(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = torch.nn.Linear(1, 8)
            self.fc2 = torch.nn.Linear(8, 1, bias=False)

        def forward(self, x):
            return self.fc2(torch.relu(self.fc1(x)))

    torch.manual_seed(3)
    return Custom()


def test_a_custom_module_with_functional_relu(torch):
    model = custom_module(torch)
    net = ReluNet.from_torch(model)
    assert isinstance(net, ReluNet)
    assert_equals_torch(net, model)


def test_a_custom_module_around_sequentials(torch):
    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = torch.nn.Sequential(torch.nn.Linear(1, 4), torch.nn.ReLU(inplace=True))
            self.head = torch.nn.Linear(4, 1)

        def forward(self, x):
            return self.head(self.body(x))

    model = Wrapped()
    assert_equals_torch(ReluNet.from_torch(model), model)


def changing(torch, change):
    """A module that changes its input in place before it uses it."""

    class Changing(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = torch.nn.Linear(1, 4)
            self.fc2 = torch.nn.Linear(4, 1)

        def forward(self, x):
            return self.fc2(torch.relu(self.fc1(change(x))))

    torch.manual_seed(0)
    return Changing()


@pytest.mark.parametrize(
    "change",
    [lambda x: x.sub_(0.5), lambda x: x.mul_(2.0), lambda x: x.neg_()],
    ids=["minus", "times", "sign"],
)
def test_a_module_that_changes_its_input_is_refused_as_one_that_changes_a_copy(torch, change):
    with pytest.raises(ValueError, match=r"must compute what its linear layers compute .* before"):
        ReluNet.from_torch(changing(torch, change))


def test_relu_of_the_input_in_place_is_a_layer(torch):
    model = changing(torch, lambda x: x.relu_())
    net = ReluNet.from_torch(model)
    with torch.no_grad():
        expected = model.double()(torch.tensor(POINTS)[:, None]).numpy().ravel()
    np.testing.assert_allclose(net(POINTS), expected, atol=1e-12)


@pytest.mark.parametrize("in_place", [False, True])
def test_activations_in_place_make_no_layers_of_their_own(torch, in_place):
    nn = torch.nn
    torch.manual_seed(0)
    parts = [nn.Linear(1, 4), nn.ReLU(in_place), nn.Linear(4, 1, bias=False)]
    assert_equals_torch(found := ReluNet.from_torch(nn.Sequential(*parts)), nn.Sequential(*parts))
    assert isinstance(found, ReluNet)
    assert found.width == 4
    leaky = nn.Sequential(
        nn.Linear(1, 4), nn.LeakyReLU(0.25, in_place), nn.Linear(4, 1, bias=False)
    )
    assert ReluNet.from_torch(leaky).width == 8
    linears = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 1)
    deep = nn.Sequential(linears[0], nn.ReLU(in_place), linears[1], nn.ReLU(in_place), linears[2])
    assert highdim.network_from_torch(deep).widths == (8, 9)  # one of them is the output bias


def test_layers_that_change_nothing_are_passed_over(torch):
    nn = torch.nn
    inner = nn.Sequential(nn.Linear(1, 4), nn.Identity(), nn.ReLU())
    model = nn.Sequential(nn.Flatten(), inner, nn.Dropout(0.5), nn.Linear(4, 1)).eval()
    assert_equals_torch(ReluNet.from_torch(model), model)


def test_one_relu_object_may_be_used_twice(torch):
    nn = torch.nn
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(1, 4), relu, nn.Linear(4, 3), relu, nn.Linear(3, 1))
    assert_equals_torch(ReluNet.from_torch(model), model)


def test_a_state_dict_of_arrays_needs_no_torch():
    weights = OrderedDict(
        [("a.weight", np.ones((2, 1))), ("a.bias", [0.0, -1.0]), ("b.weight", [[1.0, 2.0]])]
    )
    assert ReluNet.from_torch(weights)([0.0, 2.0]).tolist() == [0.0, 4.0]


@pytest.mark.parametrize("name", ["Tanh", "Sigmoid", "ReLU6", "GELU", "Softplus", "LayerNorm"])
def test_other_activations_and_layers_are_refused(torch, name):
    nn = torch.nn
    other = getattr(nn, name)(*([4] if name.endswith("Norm") else []))
    model = nn.Sequential(nn.Linear(1, 4), other, nn.Linear(4, 1))
    with pytest.raises(
        ValueError, match=f"`model` must consist of Linear and ReLU layers, got {name}; train"
    ):
        ReluNet.from_torch(model)


def test_convolutions_are_refused(torch):
    nn = torch.nn
    model = nn.Sequential(nn.Conv1d(1, 4, 1), nn.ReLU(), nn.Linear(4, 1))
    with pytest.raises(
        ValueError, match="must consist of Linear and ReLU layers, got Conv1d; train"
    ):
        ReluNet.from_torch(model)
    with pytest.raises(
        ValueError, match=r"`model` layer '0' must have a 2-d weight, got shape \(4, 1, 1\)"
    ):
        ReluNet.from_torch(model.state_dict())


def test_a_module_with_parameters_of_its_own_is_refused(torch):
    class Bare(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(4, 1))

    with pytest.raises(ValueError, match="must consist of Linear and ReLU layers, got Bare; train"):
        ReluNet.from_torch(Bare())


@pytest.mark.parametrize(
    ("kinds", "depth"),
    [
        (["Linear", "Linear"], 1),
        (["Linear", "ReLU", "Linear", "ReLU"], 3),
        (["ReLU", "Linear", "ReLU", "Linear"], 3),
        (["Linear", "Identity", "Linear", "ReLU", "ReLU", "Linear"], 3),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, list) else str(value),
)
def test_relus_may_be_missing_or_at_the_ends(torch, kinds, depth):
    nn = torch.nn
    make = {"Linear": lambda: nn.Linear(1, 1), "ReLU": nn.ReLU, "Identity": nn.Identity}
    model = nn.Sequential(*(make[kind]() for kind in kinds))
    weights = iter([1.5, -0.7, 0.3])
    with torch.no_grad():
        for part in model:
            if hasattr(part, "bias"):
                part.weight.fill_(next(weights))
                part.bias.fill_(0.5)
    net = ReluNet.from_torch(model)
    assert len(net.layers) == depth
    assert_equals_torch(net, model)


def test_modules_without_layers_or_forward_are_refused(torch):
    nn = torch.nn
    with pytest.raises(ValueError, match="`model` must have linear layers, got none; pass the wh"):
        ReluNet.from_torch(nn.ReLU())
    with pytest.raises(ValueError, match="to one output each, got NotImplementedError: Module"):
        ReluNet.from_torch(nn.ModuleDict({"body": nn.Linear(1, 3)}))


@pytest.mark.parametrize(
    ("widths", "message"),
    [
        (
            (2, 4, 1),
            (
                r"`layers\[0\]` must have weight shape \(4, 1\) .*, got \(4, 2\); the input of the"
                r" net is scalar"
            ),
        ),
        ((1, 4, 2), r"`layers` must end in one output, got 2; the net must be scalar"),
    ],
)
def test_inputs_and_outputs_must_be_scalar(torch, widths, message):
    with pytest.raises(ValueError, match=message):
        ReluNet.from_torch(sequential(torch, *widths))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_diverged_are_refused_by_name(torch, bad):
    model = sequential(torch, 1, 4, 1)
    with torch.no_grad():
        model[2].weight[0, 1] = bad
    with pytest.raises(
        ValueError, match=rf"`2\.weight` must be finite, got 2\.weight\[0, 1\] = {bad}"
    ):
        ReluNet.from_torch(model)


def test_layers_come_in_the_order_that_their_shapes_allow():
    """Declared last layer first, and in a checkpoint; where shapes leave a choice, as declared."""
    hidden, output = [[1.0], [2.0], [3.0]], [[1.0, -1.0, 2.0]]
    net = ReluNet.from_torch(
        {"head.weight": output, "body.weight": hidden, "body.bias": [0.0, 1.0, 2.0]}
    )
    np.testing.assert_array_equal(net.w, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(net.v, [1.0, -1.0, 2.0])
    inside = ReluNet.from_torch(
        {"epoch": 3, "model": {"body.weight": hidden, "head.weight": output}}
    )
    np.testing.assert_array_equal(inside.w, [1.0, 2.0, 3.0])
    square = {
        "b.weight": [[1.0, 0.0], [0.0, 2.0]],
        "a.weight": [[3.0, 0.0], [0.0, 4.0]],
        "v.weight": [[1.0, 1.0]],
    }
    assert list(named_layers_from_torch(square)) == ["b", "a", "v"]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({}, "`layers` must not be empty"),
        (
            {"a.running_mean": [0.0]},
            "must hold only weights and biases of linear layers, got entry 'a.running_mean'",
        ),
        (
            {"net": {"a": [[1.0]]}, "epoch": 3},
            "got entry 'net'; pass the mapping that holds the layers",
        ),
        (
            {"a.weight": [[1.0]], "signs": [1.0]},
            "got entry 'signs'; call parameters as nn.Linear does",
        ),
        ({"a.running_mean": [0.0]}, "pass the module itself, in which the norm"),
        (
            {"a.weight": [[1.0], [2.0]], "b.weight": [[1.0, 1.0, 1.0]]},
            (
                r"must have layers that fit together, .*, got 'a' \(2, 1\), 'b' \(1, 3\) as"
                r" \(outputs, inputs\)"
            ),
        ),
        ({"a.bias": [0.0]}, "has a bias without a weight in layer 'a'"),
        ({"a.weight": [0.0]}, r"layer 'a' must have a 2-d weight, got shape \(1,\)"),
    ],
)
def test_mappings_that_are_no_networks_are_refused(entries, message):
    with pytest.raises(ValueError, match=message):
        ReluNet.from_torch(entries)


@pytest.mark.parametrize("bad", [None, 3, "net.pt", [1.0], SimpleNamespace(state_dict=lambda: {})])
def test_things_that_are_no_networks_are_refused(bad):
    with pytest.raises(
        TypeError, match=r"`model` must be a torch module or a state_dict, got .*; pass"
    ):
        ReluNet.from_torch(bad)


def test_an_optimiser_is_no_network(torch):
    optimiser = torch.optim.SGD(sequential(torch, 1, 2, 1).parameters(), lr=0.1)
    with pytest.raises(
        TypeError, match="`model` must be a torch module or a state_dict, got SGD; pass"
    ):
        ReluNet.from_torch(optimiser)


# Files of PyTorch


@pytest.mark.parametrize("ending", ["pt", "pth", "PT"])
@pytest.mark.parametrize("widths", [(1, 5, 1), (1, 4, 3, 1)])
def test_a_saved_state_dict_is_loaded(torch, tmp_path, ending, widths):
    model = sequential(torch, *widths)
    torch.save(model.state_dict(), tmp_path / f"net.{ending}")
    assert load_network(tmp_path / f"net.{ending}").to_dict() == ReluNet.from_torch(model).to_dict()
    assert (
        load_network(str(tmp_path / f"net.{ending}")).to_dict()
        == ReluNet.from_torch(model).to_dict()
    )


class Trap:
    """Writes a file when unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_a_malicious_file_is_refused_without_being_executed(torch, tmp_path):
    torch.save({"0.weight": Trap(tmp_path / "executed")}, tmp_path / "net.pt")
    with pytest.raises(
        ValueError, match=r"net\.pt' must hold an array in '0\.weight', got a mapping of .*; save"
    ):
        load_network(tmp_path / "net.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["net.pt"]


def test_the_trap_does_work(torch, tmp_path):
    torch.save(Trap(tmp_path / "executed"), tmp_path / "net.pt")
    torch.load(tmp_path / "net.pt", weights_only=False).close()
    assert (tmp_path / "executed").exists()


def test_a_whole_module_is_refused_with_advice(torch, tmp_path):
    torch.save(sequential(torch, 1, 2, 1), tmp_path / "net.pt")
    with pytest.raises(
        ValueError,
        match=r"is not a readable state_dict .*; save it with torch\.save\(model\.state_dict",
    ):
        load_network(tmp_path / "net.pt")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty, it holds no data"),
        (b"PK\x03\x04 cut off", "is not a readable .* file or PyTorch file: it is a broken zip"),
        (b"hello", "is no network, it is text; is it the data"),
        (b"\x80\x02}q\x00.", "is a pickle, which may execute anything and is not read"),
    ],
)
def test_broken_files_are_refused(tmp_path, content, message):
    (tmp_path / "net.pt").write_bytes(content)
    with pytest.raises(ValueError, match=rf"net\.pt' {message}"):
        load_network(tmp_path / "net.pt")


def test_a_truncated_file_is_refused(torch, tmp_path):
    path = tmp_path / "net.pt"
    torch.save(sequential(torch, 1, 30, 1).state_dict(), path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"net\.pt' is (empty|no network|not a readable)"):
            load_network(path)


def test_a_missing_file_is_named_before_torch_is_needed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(
        FileNotFoundError, match=r"`path` must name an existing file, got .*net\.pt'; check"
    ):
        load_network(tmp_path / "net.pt")


def test_without_torch_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with zipfile.ZipFile(tmp_path / "net.pt", "w") as archive:
        archive.writestr("net/data.pkl", b"")
    with pytest.raises(
        ModuleNotFoundError, match=r"net\.pt' needs PyTorch; install torch, or save .* as \.npz"
    ):
        load_network(tmp_path / "net.pt")


# scikit-learn


@pytest.fixture
def neural_network():
    return pytest.importorskip("sklearn.neural_network")


def fitted(model, y):
    """Fit a few iterations, on purpose not to convergence."""
    from sklearn.exceptions import ConvergenceWarning

    x = np.linspace(0.0, 1.0, len(y))[:, None]
    with pytest.warns(ConvergenceWarning):
        return model.fit(x, y)


SOME_VALUES = np.sin(7.0 * np.linspace(0.0, 1.0, 30))


@pytest.mark.parametrize("hidden", [(6,), (5, 4)])
def test_a_regressor_predicts_the_same(neural_network, hidden):
    mlp = fitted(
        neural_network.MLPRegressor(hidden_layer_sizes=hidden, max_iter=5, random_state=0),
        SOME_VALUES,
    )
    net = ReluNet.from_sklearn(mlp)
    # of one hidden layer with the output bias as a neuron
    assert [len(weight) for weight, _ in net.layers[:-1]] == ([7] if hidden == (6,) else [5, 4])
    assert np.all(np.abs(net(POINTS) - mlp.predict(POINTS[:, None])) <= rounding(net, POINTS))


def test_a_regressor_of_single_precision_is_lifted_exactly(neural_network):
    from sklearn.exceptions import ConvergenceWarning

    x = np.linspace(0.0, 1.0, 30, dtype=np.float32)[:, None]
    with pytest.warns(ConvergenceWarning):
        mlp = neural_network.MLPRegressor(hidden_layer_sizes=(6,), max_iter=5, random_state=0).fit(
            x, SOME_VALUES.astype(np.float32)
        )
    assert mlp.coefs_[0].dtype == np.float32
    net = ReluNet.from_sklearn(mlp)
    assert net.w.tolist() == [*mlp.coefs_[0].ravel().tolist(), 0.0]


def test_a_regressor_without_output_bias_becomes_a_shallow_net(neural_network):
    mlp = fitted(
        neural_network.MLPRegressor(hidden_layer_sizes=(6,), max_iter=5, random_state=0),
        SOME_VALUES,
    )
    mlp.intercepts_[-1][:] = 0.0
    net = ReluNet.from_sklearn(mlp)
    assert isinstance(net, ReluNet)
    assert np.all(np.abs(net(POINTS) - mlp.predict(POINTS[:, None])) <= rounding(net, POINTS))


@pytest.mark.parametrize("labels", [(-1, 1), (0, 1)])
def test_a_classifier_gives_its_score_before_squashing(neural_network, labels):
    y = np.where(SOME_VALUES > 0.0, labels[1], labels[0])
    mlp = fitted(
        neural_network.MLPClassifier(hidden_layer_sizes=(8,), max_iter=5, random_state=0), y
    )
    net = ReluNet.from_sklearn(mlp)
    score = net(POINTS)
    assert np.array_equal(mlp.predict(POINTS[:, None]), np.where(score > 0.0, labels[1], labels[0]))
    probability = 1.0 / (1.0 + np.exp(-score))
    # the slope of the logistic function is at most 1/4
    allowed = rounding(net, POINTS) + 8.0 * EPSILON
    assert np.all(np.abs(mlp.predict_proba(POINTS[:, None])[:, 1] - probability) <= allowed)


def classifier(classes):
    return SimpleNamespace(
        activation="relu",
        coefs_=[[[2.0, -1.0]], [[1.0], [3.0]]],
        intercepts_=[[0.0, 1.0], [0.0]],
        classes_=np.array(classes),
    )


@pytest.mark.parametrize(
    "classes", [[-1, 1], [0, 1], [False, True], [-1.0, 1.0], [0.0, 1.0], ["-1", "1"]]
)
def test_usual_classes_need_no_map(classes):
    assert ReluNet.from_sklearn(classifier(classes)).v.tolist() == [1.0, 3.0]


def test_of_other_classes_someone_says_which_is_positive():
    for classes in (["good", "poor"], [1, 2], [-1, 0], ["0", "1"]):
        a, b = classes
        with pytest.raises(ValueError, match=r"`classes_` must hold .*say which is .*label_map="):
            ReluNet.from_sklearn(classifier(classes))
        turned = ReluNet.from_sklearn(classifier(classes), label_map={a: 1, b: -1})
        assert turned.v.tolist() == [-1.0, -3.0]
        kept = ReluNet.from_sklearn(classifier(classes), label_map={a: -1, b: 1})
        assert kept.v.tolist() == [1.0, 3.0]
    assert ReluNet.from_sklearn(classifier([0, 1]), label_map={0: 1, 1: -1}).v[0] == -1.0
    # scikit-learn sorts text: '+1' comes first, and positive scores are of '-1'
    assert ReluNet.from_sklearn(classifier(["+1", "-1"])).v.tolist() == [-1.0, -3.0]


def test_maps_of_classes_that_say_nothing_are_refused():
    with pytest.raises(ValueError, match=r"`label_map` must map some .* got \+1 for all of 1, 2"):
        ReluNet.from_sklearn(classifier([1, 2]), label_map={1: 1, 2: 1})
    with pytest.raises(ValueError, match="`mlp` must have two classes, got 1"):
        ReluNet.from_sklearn(classifier([1]))
    regressor = classifier([0, 1])
    del regressor.classes_
    with pytest.raises(ValueError, match="`label_map` must be left out for a regressor"):
        ReluNet.from_sklearn(regressor, label_map={0: -1, 1: 1})


def test_more_than_two_classes_are_refused(neural_network):
    mlp = fitted(
        neural_network.MLPClassifier(hidden_layer_sizes=(4,), max_iter=3, random_state=0),
        np.arange(30) % 3,
    )
    with pytest.raises(
        ValueError, match="`layers` must end in one output, got 3; the net must be scalar"
    ):
        ReluNet.from_sklearn(mlp)


@pytest.mark.parametrize("activation", ["tanh", "logistic", "identity"])
def test_other_activations_of_scikit_learn_are_refused(neural_network, activation):
    mlp = fitted(
        neural_network.MLPRegressor(
            hidden_layer_sizes=(4,), activation=activation, max_iter=3, random_state=0
        ),
        SOME_VALUES,
    )
    with pytest.raises(
        ValueError, match=f"`mlp` must use activation='relu', got '{activation}'; fit"
    ):
        ReluNet.from_sklearn(mlp)


def subclasses(neural_network):
    """MLPs whose methods prepare inputs or change outputs, and one that does neither."""

    class Turned(neural_network.MLPClassifier):
        def predict(self, X):
            return -super().predict(X)

    class Doubled(neural_network.MLPRegressor):
        def predict(self, X):
            return 2.0 * super().predict(X)

    class Prepared(neural_network.MLPClassifier):
        def predict(self, X):
            return super().predict(np.exp(-np.abs(X)))

    class Shaped(neural_network.MLPRegressor):
        def predict(self, X):
            return super().predict(X)[1:]

    class Asking(neural_network.MLPRegressor):
        def predict(self, X, scale):
            return super().predict(X) * scale

    class Plain(neural_network.MLPClassifier):
        pass

    return {kind.__name__: kind for kind in (Turned, Doubled, Prepared, Shaped, Asking, Plain)}


@pytest.mark.parametrize("name", ["Turned", "Doubled", "Prepared", "Shaped", "Asking", "Plain"])
def test_predictions_of_subclasses_are_compared_with_layers(neural_network, name):
    """coefs_ say nothing of what a method of a subclass does before and after them."""
    model = subclasses(neural_network)[name](hidden_layer_sizes=(6,), max_iter=20, random_state=0)
    mlp = fitted(model, np.where(SOME_VALUES > 0.0, 1, -1))
    if name == "Plain":
        net = ReluNet.from_sklearn(mlp)
        x = np.linspace(-3.0, 4.0, 301)
        assert np.array_equal(np.sign(net(x)), mlp.predict(x[:, None]))
        return
    message = "must predict for inputs of" if name == "Asking" else "must predict what its layers"
    with pytest.raises(ValueError, match=f"`mlp` {message} .*; .*pass"):
        ReluNet.from_sklearn(mlp)


def test_regressors_that_predict_another_function_of_their_score_are_refused(neural_network):
    """With loss='poisson' the prediction is exp(score), positive everywhere."""
    if "loss" not in neural_network.MLPRegressor().get_params():
        pytest.skip("scikit-learn is older than this loss")
    net = neural_network.MLPRegressor(hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    mlp = fitted(net.set_params(loss="poisson"), np.abs(SOME_VALUES) + 1.0)
    with pytest.raises(ValueError, match=r"must predict its score, got .* of exp\(score\), as of"):
        ReluNet.from_sklearn(mlp)


def test_an_unfitted_model_is_refused(neural_network):
    with pytest.raises(
        TypeError, match=r"`mlp` must be a fitted scikit-learn MLP, got MLPRegressor; call \.fit"
    ):
        ReluNet.from_sklearn(neural_network.MLPRegressor())


@pytest.mark.parametrize("bad", [None, {"coefs_": []}, 3.0])
def test_things_that_are_no_mlp_are_refused(bad):
    with pytest.raises(TypeError, match=r"`mlp` must be a fitted scikit-learn MLP, got .*; call"):
        ReluNet.from_sklearn(bad)


def test_anything_with_the_attributes_of_an_mlp_will_do():
    mlp = SimpleNamespace(
        activation="relu", coefs_=[[[2.0, -1.0]], [[1.0], [3.0]]], intercepts_=[[0.0, 1.0], [0.0]]
    )
    net = ReluNet.from_sklearn(mlp)
    assert (net.w.tolist(), net.b.tolist(), net.v.tolist()) == ([2.0, -1.0], [0.0, 1.0], [1.0, 3.0])


# What forward does


def written(torch, forward, *names_and_widths, d=1):
    """A module with layers of given names and widths, and a forward of its own."""

    class Written(torch.nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(3)
            for name, inputs, outputs in names_and_widths:
                setattr(self, name, torch.nn.Linear(inputs, outputs))

    Written.forward = forward
    return Written()


FORWARDS = {
    "tanh": lambda self, x: self.b(self.a(x).tanh()),
    "leaky": lambda self, x: self.b(0.99 * self.a(x).relu() + 0.01 * self.a(x)),
    "skip": lambda self, x: self.b(self.a(x).relu()) + 0.01 * x[:, :1],
    "scaled inputs": lambda self, x: self.b(self.a(2.0 * x).relu()),
    "sigmoid": lambda self, x: self.b(self.a(x).relu()).sigmoid(),
    "twice": lambda self, x: self.b(self.a(x).relu()) + self.b(self.a(-x).relu()),
    "clipped": lambda self, x: self.b(self.a(x).clamp(0.0, 3.0)),
}


@pytest.mark.parametrize("name", FORWARDS)
@pytest.mark.parametrize("d", [1, 4])
def test_modules_that_compute_something_else_are_refused(torch, name, d):
    model = written(torch, FORWARDS[name], ("a", d, 16), ("b", 16, 1))
    convert = ReluNet.from_torch if d == 1 else named_layers_from_torch
    with pytest.raises(ValueError, match="`model` must compute what its linear layers compute"):
        convert(model)


def test_layers_come_in_the_order_of_evaluation(torch):
    def forward(self, x):
        return self.last(self.one(self.two(self.first(x).relu()).relu()).relu())

    layers = ("first", 1, 5), ("one", 5, 5), ("two", 5, 5), ("last", 5, 1)
    model = written(torch, forward, *layers)
    assert list(named_layers_from_torch(model)) == ["first", "two", "one", "last"]
    assert_equals_torch(ReluNet.from_torch(model), model)


def test_modules_are_taken_as_in_evaluation(torch):
    nn = torch.nn
    model = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1))
    model.train()
    net = ReluNet.from_torch(model)
    assert model.training
    assert_equals_torch(net, model.eval())


def test_a_relu_of_ones_own_is_recognised_by_what_it_does(torch):
    class Rectifier(torch.nn.Module):
        def __init__(self, slope):
            super().__init__()
            self.slope = slope

        def forward(self, x):
            return torch.where(x > 0.0, x, self.slope * x)

    linear = torch.nn.Linear
    model = torch.nn.Sequential(linear(1, 8), Rectifier(0.0), linear(8, 1, bias=False))
    assert_equals_torch(ReluNet.from_torch(model), model)
    leaky = torch.nn.Sequential(linear(1, 8), Rectifier(0.1), linear(8, 1, bias=False))
    assert_equals_torch(ReluNet.from_torch(leaky), leaky)


def test_modules_that_cannot_be_evaluated_are_refused(torch):
    def needs_more(self, x, scale):
        return self.b(self.a(x).relu()) * scale

    model = written(torch, needs_more, ("a", 1, 4), ("b", 4, 1))
    with pytest.raises(ValueError, match=r"must map inputs of shape .* to one output each"):
        ReluNet.from_torch(model)
    # the layers alone can still be had
    assert ReluNet.from_torch(model.state_dict()).width == 5


def test_outputs_may_be_squeezed(torch):
    def squeezed(self, x):
        return self.b(self.a(x).relu()).squeeze(-1)

    model = written(torch, squeezed, ("a", 1, 4), ("b", 4, 1))
    assert ReluNet.from_torch(model).width == 5


def test_honest_modules_of_any_build_are_taken(torch):
    nn = torch.nn

    class Deep(nn.Module):
        def __init__(self, hidden):
            super().__init__()
            self.first = nn.Linear(1, 6)
            self.hidden = nn.ModuleList(nn.Linear(6, 6) for _ in range(hidden))
            self.last = nn.Linear(6, 1)
            self.loss = nn.BCEWithLogitsLoss()  # of use elsewhere

        def forward(self, x):
            x = self.first(x).relu()
            for layer in self.hidden:
                x = layer(x).relu()
            return self.last(x)

    class Iterated(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(1, 5), nn.Linear(5, 4), nn.Linear(4, 1))

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = layer(x).relu()
            return self.layers[-1](x)

    class Own(nn.Linear):
        pass

    own = nn.Sequential(Own(1, 7), nn.ReLU(), Own(7, 1))
    for model in (Deep(0), Deep(2), Iterated(), own):
        assert_equals_torch(ReluNet.from_torch(model), model)


@pytest.mark.parametrize("d", [1, 3])
def test_activations_that_differ_near_kinks_only_are_refused(torch, d):
    functional = torch.nn.functional
    for activation in (
        lambda h: functional.threshold(h, 1e-3, 0.0),
        lambda h: functional.gelu(1e4 * h) / 1e4,
        lambda h: h * torch.sigmoid(1e4 * h),
    ):
        model = written(
            torch, lambda self, x, act=activation: self.b(act(self.a(x))), ("a", d, 8), ("b", 8, 1)
        )
        with pytest.raises(ValueError, match="must compute what its linear layers compute"):
            named_layers_from_torch(model)


def test_other_activations_are_not_taken_for_single_precision(torch):
    """ELU is the identity where ReLU is, and −1 where ReLU is 0."""
    for activation in (torch.nn.functional.elu, lambda h: torch.relu(h) - 0.5 * (h < 0.0)):
        model = written(
            torch, lambda self, x, act=activation: self.b(act(self.a(x))), ("a", 1, 8), ("b", 8, 1)
        )
        with pytest.raises(ValueError, match="write activations as ReLU, LeakyReLU or PReLU"):
            named_layers_from_torch(model)


def test_a_skip_beside_cancelling_neurons_is_seen(torch):
    model = written(
        torch, lambda self, x: self.b(self.a(x).relu()) + 0.1 * x[:, :1], ("a", 1, 2), ("b", 2, 1)
    )
    with torch.no_grad():
        model.a.weight.copy_(torch.tensor([[1.0], [1.0]]))
        model.a.bias.copy_(torch.tensor([0.5, 0.5]))
        model.b.weight.copy_(torch.tensor([[1e8, -1e8]]))
    with pytest.raises(ValueError, match="must compute what its linear layers compute"):
        ReluNet.from_torch(model)
