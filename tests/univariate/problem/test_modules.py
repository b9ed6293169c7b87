"""PyTorch modules by what they compute: leaky activations, normalisation and layers in a row become
layers with ReLU, checked in rational arithmetic; everything else is refused with where and why.
"""

import re
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from oracles import exact

import highdim
import univariate as u
from univariate.common.torch_layers import named_layers_from_torch

torch = pytest.importorskip("torch")
nn = torch.nn
prune = pytest.importorskip("torch.nn.utils.prune")
functional = nn.functional

POINTS = [-3.0, -0.7, 0.0, 0.1, 1 / 3, 1.0, 17.0]


class Written(nn.Module):
    """Layers a (d to n), m (n to n) and b (n to 1), and a forward of one's own."""

    def __init__(self, forward, d=1, n=16, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.a, self.m, self.b = nn.Linear(d, n), nn.Linear(n, n), nn.Linear(n, 1)
        self._forward = forward

    def forward(self, x):
        return self._forward(self, x)


def fractions(tensor):
    return [[Fraction(float(entry)) for entry in row] for row in torch.atleast_2d(tensor.detach())]


def value_of(steps, x):
    """The value in rational arithmetic of pairs (weight, bias) and callables, one after another."""
    hidden = [Fraction(entry) for entry in np.atleast_1d(x).tolist()]
    for step in steps:
        if callable(step):
            hidden = [step(k, entry) for k, entry in enumerate(hidden)]
        else:
            weight, bias = step
            hidden = [
                sum((w * h for w, h in zip(row, hidden, strict=True)), c)
                for row, c in zip(weight, bias, strict=True)
            ]
    return hidden[0]


def linear(layer):
    bias = [0] * layer.out_features if layer.bias is None else fractions(layer.bias)[0]
    return fractions(layer.weight), bias


def leaky(slopes):
    return lambda k, h: h if h > 0 else Fraction(slopes[k % len(slopes)]) * h


def converted(net, x):
    return exact.deep_value([(np.array(w), np.array(b)) for w, b in net.layers], x)


# Activations


def slopes_of(activation):
    if isinstance(activation, nn.PReLU):
        return [float(entry) for entry in activation.weight.detach()]
    return [activation.negative_slope]


EXACT = {
    "PReLU": nn.PReLU,
    "PReLU of channels": lambda: nn.PReLU(16),
    "LeakyReLU(1/8)": lambda: nn.LeakyReLU(0.125),
    "LeakyReLU(0)": lambda: nn.LeakyReLU(0.0),
}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("deep", [False, True])
def test_leaky_relus_are_pairs_of_relus_exactly(name, deep):
    activation = EXACT[name]()
    if isinstance(activation, nn.PReLU):
        nn.init.uniform_(activation.weight, -1.0, 1.0)
    model = nn.Sequential(nn.Linear(1, 16), activation, nn.Linear(16, 1))
    steps = [linear(model[0]), leaky(slopes_of(activation)), linear(model[2])]
    if deep:
        model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 16), *model[1:])
        relu = leaky([0.0])
        steps = [linear(model[0]), relu, linear(model[2]), *steps[1:]]
    net = u.ReluNet.from_torch(model)
    assert isinstance(net, u.DeepReluNet if deep else u.ReluNet)
    for x in POINTS:
        assert converted(net, x) == value_of(steps, x)


def test_slopes_that_do_not_divide_are_rounded_within_the_bound():
    """Each product a v is within 2⁻⁵³ of its size, so N is within 2⁻⁵³ Σ |a v h|."""
    model = nn.Sequential(nn.Linear(1, 16), nn.LeakyReLU(0.01), nn.Linear(16, 1)).double()
    net = u.ReluNet.from_torch(model)
    (W, b), (v, c) = linear(model[0]), linear(model[2])
    for x in POINTS:
        hidden = [W[j][0] * Fraction(x) + b[j] for j in range(16)]
        room = sum(abs(v[0][j] * Fraction(0.01) * min(h, 0)) for j, h in enumerate(hidden))
        wanted = value_of([(W, b), leaky([0.01]), (v, c)], x)
        assert 0 < abs(converted(net, x) - wanted) <= room / 2**53 or room == 0


FUNCTIONS = {
    "leaky": (lambda h: functional.leaky_relu(h, 0.125), 0.125),
    "absolute": (torch.abs, -1.0),
    "written": (lambda h: torch.where(h > 0, h, 0.375 * h), 0.375),
    "maximum": (lambda h: torch.maximum(h, -0.5 * h), -0.5),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_in_forward_are_told_by_their_values(name):
    function, slope = FUNCTIONS[name]
    model = Written(lambda self, x: self.b(function(self.m(self.a(x).relu()))))
    net = u.ReluNet.from_torch(model)
    assert net.widths == (16, 32)
    steps = [linear(model.a), leaky([0.0]), linear(model.m), leaky([slope]), linear(model.b)]
    for x in POINTS:
        assert converted(net, x) == value_of(steps, x)


def test_the_slope_of_a_function_is_the_double_that_was_written():
    model = Written(lambda self, x: self.b(functional.leaky_relu(self.a(x), 0.01)))
    by_layer = nn.Sequential(model.a, nn.LeakyReLU(0.01), model.b)
    assert u.ReluNet.from_torch(model).to_dict() == u.ReluNet.from_torch(by_layer).to_dict()


def test_leaky_nets_in_several_dimensions():
    model = nn.Sequential(nn.Linear(4, 6, bias=False), nn.LeakyReLU(0.5), nn.Linear(6, 1))
    net = highdim.network_from_torch(model)
    assert net.W.shape == (13, 4)  # two for each neuron, one for the output bias
    X = np.random.default_rng(0).standard_normal((9, 4))
    with torch.no_grad():
        expected = model.double()(torch.tensor(X))[:, 0].numpy()
    np.testing.assert_allclose(net(X), expected, rtol=0.0, atol=1e-13)


# Affine maps in a row


def test_scaled_inputs_are_folded_and_rounded_once():
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1)).double()
    net = u.ReluNet.from_torch(model)
    (s, t), (W, b) = linear(model[0]), linear(model[1])
    assert net.w[:8].tolist() == [float(W[j][0] * s[0][0]) for j in range(8)]
    assert net.b[:8].tolist() == [float(W[j][0] * t[0] + b[j]) for j in range(8)]


def test_three_layers_in_a_row_are_rounded_once_as_well():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5, bias=False), nn.Linear(5, 1)).double()
    ((weight, bias),) = named_layers_from_torch(model).values()
    steps = [linear(layer) for layer in model]
    offset = value_of(steps, [0.0, 0.0, 0.0])
    unit = np.eye(3)
    assert bias.tolist() == [float(offset)]
    assert weight[0].tolist() == [float(value_of(steps, unit[k]) - offset) for k in range(3)]


def test_products_that_would_take_minutes_are_refused():
    model = nn.Sequential(nn.Linear(200, 200), nn.Linear(200, 100), nn.Linear(100, 1))
    with pytest.raises(ValueError, match="linear layers in a row, '0' and '1', too large to mult"):
        named_layers_from_torch(model)


@pytest.mark.parametrize("affine", [True, False])
def test_batch_normalisation_is_folded_as_in_evaluation(affine):
    """Before and after ReLU, each weight within 2⁻⁵² of what forty digits give."""
    torch.manual_seed(1)
    first, second = nn.BatchNorm1d(5, affine=affine), nn.BatchNorm1d(5, affine=affine)
    model = nn.Sequential(nn.Linear(1, 5), first, nn.ReLU(), second, nn.Linear(5, 1))
    for _ in range(5):
        model(torch.randn(64, 1))
    if affine:
        nn.init.uniform_(first.weight, -2.0, 2.0)
    net = u.ReluNet.from_torch(model)
    assert model.training
    model.requires_grad_(False)
    with localcontext() as context:
        context.prec = 40
        eps = Decimal(first.eps)
        for j in range(5):
            gamma = Decimal(float(first.weight[j])) if affine else Decimal(1)
            beta = Decimal(float(first.bias[j])) if affine else Decimal(0)
            scale = gamma / (Decimal(float(first.running_var[j])) + eps).sqrt()
            w = Decimal(float(model[0].weight[j, 0])) * scale
            lifted = Decimal(float(model[0].bias[j])) - Decimal(float(first.running_mean[j]))
            assert abs(Decimal(net.w[j]) - w) <= abs(w) / 2**52
            assert abs(Decimal(net.b[j]) - (lifted * scale + beta)) <= abs(lifted * scale) / 2**50
    with torch.no_grad():
        expected = (
            model.double().eval()(torch.tensor(POINTS, dtype=torch.double)[:, None]).numpy().ravel()
        )
    np.testing.assert_allclose(net(POINTS), expected, rtol=1e-12, atol=1e-12)


def test_normalisation_without_statistics_is_no_function():
    model = nn.Sequential(
        nn.Linear(1, 5), nn.BatchNorm1d(5, track_running_stats=False), nn.ReLU(), nn.Linear(5, 1)
    )
    with pytest.raises(ValueError, match="normalises by each batch in '1'"):
        u.ReluNet.from_torch(model)


# What is refused


SECOND = {
    "softplus": lambda h: functional.softplus(1e4 * h) / 1e4,
    "threshold": lambda h: functional.threshold(h, 1e-5, 0.0),
    "gelu": lambda h: functional.gelu(1e5 * h) / 1e5,
    "clipped": lambda h: h.clamp(0.0, 3.0),
    "tanh": torch.tanh,
    "shifted": lambda h: (h - 1e-9).relu(),
    "one neuron": lambda h: torch.cat([h[:, :1].tanh(), h[:, 1:].relu()], dim=1),
}


@pytest.mark.parametrize("name", SECOND)
@pytest.mark.parametrize("d", [1, 5])
def test_second_layers_are_watched_at_their_kinks(name, d):
    function = SECOND[name]
    model = Written(lambda self, x: self.b(function(self.m(self.a(x).relu()))), d=d)
    with pytest.raises(
        ValueError, match=r"`model` must compute .*, off by .*, between 'm' and 'b', at x = \["
    ):
        named_layers_from_torch(model)


PLACES = {
    "before 'a'": lambda self, x: self.b(self.a(2.0 * x).relu()),
    "after 'b'": lambda self, x: self.b(self.a(x).relu()).sigmoid(),
    "between 'a' and 'b'": lambda self, x: self.b(functional.dropout(self.a(x).relu(), 0.5)),
    "between 'b' and 'a'": lambda self, x: self.b(self.a(x).relu()) + self.b(self.a(-x).relu()),
    "between 'm' and 'b'": lambda self, x: self.b(self.a(x).relu() + self.m(self.a(x)).relu()),
}


@pytest.mark.parametrize("place", PLACES)
def test_messages_say_where(place):
    with pytest.raises(ValueError, match="`model` must compute what its linear") as caught:
        u.ReluNet.from_torch(Written(PLACES[place]))
    assert place in str(caught.value) or "between 'a' and 'a'" in str(caught.value)
    assert "state_dict" not in str(caught.value)  # in which ReLU would be assumed


def hooked(place, change):
    model = Written(lambda self, x: self.b(self.act(self.a(x))))
    model.act = nn.ReLU()
    getattr(model, place).register_forward_hook(lambda part, inputs, output: change(output))
    return model


@pytest.mark.parametrize("place", ["a", "act", "b"])
def test_parts_that_give_something_else_are_compared_with_what_they_should_give(place):
    """Not with ReLU of what they take: 3 h where the part gives h is off by 2 h."""
    with pytest.raises(ValueError, match=rf"off by .*, in '{place}', at x") as caught:
        u.ReluNet.from_torch(hooked(place, lambda output: 3.0 * output))
    found = re.search(r"got (\S+) where these give (\S+), off", str(caught.value))
    assert float(found[1]) == pytest.approx(3.0 * float(found[2]), rel=1e-4)


def test_modules_in_single_precision_only_are_told_what_to_change():
    with pytest.raises(ValueError, match=r"in double precision, .* x\.to\(layer\.weight\.dtype\)"):
        u.ReluNet.from_torch(Written(lambda self, x: self.b(self.a(x.float()).relu())))
    model = Written(lambda self, x: self.b(self.a(x.to(self.a.weight.dtype)).relu()))
    assert u.ReluNet.from_torch(model).width == 17


def test_modules_that_go_through_rows_are_told_so():
    def forward(self, x):
        return torch.stack([self.b(self.a(row).relu()) for row in x])

    with pytest.raises(
        ValueError, match=r"shape \(1,\) for a batch of .* take all rows of a batch at once"
    ):
        u.ReluNet.from_torch(Written(forward))


def test_inputs_with_a_one_beside_are_told_from_two_inputs():
    def forward(self, x):
        return self.b(self.a(torch.cat([x, torch.ones_like(x)], 1)).relu())

    with pytest.raises(ValueError, match=r"got 2 numbers for each input where .* 1, before 'a'"):
        u.ReluNet.from_torch(Written(forward, d=2))


APPENDING = {
    "a constant": (4, lambda x: torch.cat([x, torch.ones_like(x[:, :1])], 1)),
    "squares": (6, lambda x: torch.cat([x, x**2], 1)),
    "a norm": (4, lambda x: torch.cat([x, x.norm(dim=1, keepdim=True)], 1)),
    "a zero": (4, lambda x: functional.pad(x, (0, 1))),
}


@pytest.mark.parametrize("name", APPENDING)
def test_what_forward_appends_to_points_is_told(name):
    """They were told to take one tensor, which they do."""
    d, append = APPENDING[name]
    message = rf"got {d} numbers for each input where these give 3, before 'a'; features that"
    model = Written(lambda self, x: self.b(self.a(append(x)).relu()), d=d)
    with pytest.raises(ValueError, match=message):
        highdim.network_from_torch(model)


def test_the_advice_for_a_constant_beside_points_is_followed():
    model = Written(lambda self, x: self.b(self.a(x).relu()), d=4).double()
    points = torch.linspace(-1.0, 1.0, 30, dtype=torch.float64).reshape(10, 3)
    values = model(torch.cat([points, torch.ones(10, 1)], 1)).detach().numpy().ravel()
    plain = Written(lambda self, x: self.b(self.a(x).relu()), d=3).double()
    with torch.no_grad():
        plain.a.weight[:] = model.a.weight[:, :3]
        plain.a.bias[:] = model.a.bias + model.a.weight[:, 3]
        plain.b.load_state_dict(model.b.state_dict())
    net = highdim.network_from_torch(plain)
    np.testing.assert_allclose(net(points.numpy()), values, rtol=1e-12, atol=1e-12)


def test_complex_numbers_are_refused():
    """Their real parts alone are another function."""
    with pytest.raises(ValueError, match="got TypeError: complex numbers"):
        u.ReluNet.from_torch(Written(lambda self, x: (1.0 + 2.0j) * self.b(self.a(x).relu())))


@pytest.mark.parametrize("slope", [np.inf, np.nan])
def test_slopes_must_be_finite(slope):
    with pytest.raises(ValueError, match=r"`1\.slope` must be finite"):
        u.ReluNet.from_torch(nn.Sequential(nn.Linear(1, 3), nn.LeakyReLU(slope), nn.Linear(3, 1)))


def test_modules_that_keep_tensors_of_their_last_call_are_told_what_to_do():
    """PyTorch makes no copies of tensors with a history."""

    def forward(self, x):
        self.kept = self.a(x).relu()
        return self.b(self.kept)

    model = Written(forward)
    plain = u.ReluNet.from_torch(model)
    model(torch.ones(3, 1))
    with pytest.raises(ValueError, match=r"must have a copy, .* its last call to None"):
        u.ReluNet.from_torch(model)
    with torch.no_grad():
        model(torch.ones(3, 1))
    assert u.ReluNet.from_torch(model) == plain


def test_layers_that_are_not_called_do_not_count():
    model = Written(lambda self, x: self.b(self.a(x).relu()))
    model.unused = nn.Tanh()
    assert u.ReluNet.from_torch(model).width == 17


def test_layers_may_be_applied_twice():
    model = Written(lambda self, x: self.b(self.m(self.m(self.a(x).relu()).relu()).relu()))
    net = u.ReluNet.from_torch(model)
    assert net.widths == (16, 16, 16)
    steps = [linear(model.a), leaky([0]), linear(model.m), leaky([0]), linear(model.m), leaky([0])]
    for x in POINTS:
        assert converted(net, x) == value_of([*steps, linear(model.b)], x)


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("wrap", [torch.jit.script, nn.DataParallel])
def test_wrapped_modules(wrap):
    model = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
    assert u.ReluNet.from_torch(wrap(model)).to_dict() == u.ReluNet.from_torch(model).to_dict()
    other = nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 1))
    with pytest.raises(ValueError, match=r"`model` must (compute what its|consist of)"):
        u.ReluNet.from_torch(wrap(other))


def never(program, inputs):
    raise AssertionError("compiled")


COMPILED = {
    "outside": lambda net: torch.compile(net, backend=never),
    "distributed": lambda net: nn.DataParallel(torch.compile(net, backend=never)),
    "twice": lambda net: torch.compile(nn.DataParallel(net), backend=never),
    "inside": lambda net: nn.Sequential(torch.compile(net[:2], backend=never), net[2]),
}


@pytest.mark.parametrize("place", COMPILED)
def test_compiled_modules_are_evaluated_as_they_are_written(place):
    net = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
    found = u.ReluNet.from_torch(COMPILED[place](net))
    assert found.to_dict() == u.ReluNet.from_torch(net).to_dict()


WRAPPERS = {
    "distributed": nn.DataParallel,
    "compiled": COMPILED["outside"],
    "traced": lambda net: torch.jit.trace(net, torch.ones(3, 1)),
    "a graph": torch.fx.symbolic_trace,
}


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("wrap", WRAPPERS)
@pytest.mark.parametrize("hook", ["register_forward_hook", "register_forward_pre_hook"])
def test_hooks_of_wrappers_are_seen(wrap, hook):
    net = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
    model = WRAPPERS[wrap](net)
    assert u.ReluNet.from_torch(model) == u.ReluNet.from_torch(net)
    changes = {
        "register_forward_hook": lambda part, inputs, output: -output,
        "register_forward_pre_hook": lambda part, inputs: (-inputs[0],),
    }
    getattr(model, hook)(changes[hook])
    with pytest.raises(
        (ValueError, TypeError), match=r"`model` must (compute what its lin|have hooks on what)"
    ):
        u.ReluNet.from_torch(model)


def test_parametrised_weights_are_those_that_are_used():
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(1, 5))
    net = u.ReluNet.from_torch(nn.Sequential(layer, nn.ReLU(), nn.Linear(5, 1)))
    np.testing.assert_allclose(net.w[:5], layer.weight[:, 0].detach().numpy(), rtol=1e-6)


REWRITTEN = {
    "remove_weight_norm": nn.utils.weight_norm,
    "remove_spectral_norm": nn.utils.spectral_norm,
    "prune.remove": lambda layer: prune.l1_unstructured(layer, "weight", 1),
}


@pytest.mark.parametrize("name", REWRITTEN)
@pytest.mark.filterwarnings("ignore:.*is deprecated:FutureWarning")
def test_weights_that_are_computed_name_what_makes_them_plain(name):
    model = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))
    REWRITTEN[name](model[0])
    model(torch.zeros(2, 1))
    message = rf"weights are computed from others, make them plain by torch.nn.utils.{name}\(layer"
    for given in (model, model.state_dict()):
        with pytest.raises(ValueError, match=message):
            u.ReluNet.from_torch(given)
    plain = nn.utils.parametrizations.weight_norm(nn.Linear(1, 3))
    model = nn.Sequential(plain, nn.ReLU(), nn.Linear(3, 1))
    with pytest.raises(ValueError, match=r"by torch\.nn\.utils\.parametrize\.remove_parametriz"):
        u.ReluNet.from_torch(model.state_dict())


def test_modules_without_numbers_are_refused_by_name():
    model = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
    with pytest.raises(ValueError, match=r"`0\.weight` must hold numbers, got a tensor on the dev"):
        u.ReluNet.from_torch(model.to("meta"))
    with pytest.raises(ValueError, match="`model` must map inputs of shape"):
        u.ReluNet.from_torch(Written(lambda self, x: (self.b(self.a(x).relu()), 1)))
    lazy = nn.Sequential(nn.LazyLinear(5), nn.ReLU(), nn.Linear(5, 1))
    with pytest.raises(ValueError, match="got lazy layers without any; call it on some inputs"):
        u.ReluNet.from_torch(lazy)


SELECTING = {
    "a slice": lambda self, x: self.b(self.a(x[:, :1]).relu()),
    "a column": lambda self, x: self.b(self.a(x[:, 0][:, None]).relu()),
    "a sum": lambda self, x: self.b(self.a(x.sum(1, keepdim=True)).relu()),
    "a maximum": lambda self, x: self.b(self.a(x.amax(1, keepdim=True)).relu()),
}


@pytest.mark.parametrize("name", SELECTING)
def test_modules_that_take_several_dimensions_are_of_none(name):
    message = r"take inputs of one dimension, got one that takes shapes \(k, 1\) and \(k, 2\)"
    with pytest.raises(ValueError, match=message):
        u.ReluNet.from_torch(Written(SELECTING[name]))


def test_slices_of_inputs_are_seen_in_several_dimensions():
    class Sliced(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))

        def forward(self, x):
            return self.inner(x[:, :2])

    with pytest.raises(ValueError, match=r"that takes shapes \(k, 2\) and \(k, 3\), of which"):
        highdim.network_from_torch(Sliced())
    assert highdim.network_from_torch(Sliced().inner).dimension == 2


def test_reshaped_inputs_are_of_one_dimension():
    seen = Written(lambda self, x: self.b(self.a(x.reshape(-1, 1)).relu()))
    assert u.ReluNet.from_torch(seen).width == 17


def test_wide_modules_fit_into_memory():
    torch.manual_seed(0)
    wide = nn.Sequential(nn.Linear(1, 50_000), nn.ReLU(), nn.Linear(50_000, 1))
    assert u.ReluNet.from_torch(wide).width == 50_001


def test_three_layers_without_second_biases_get_their_own_reason():
    net = highdim.ThreeLayerNet([1.0], [[1.0]], None, [[1.0, 0.0]], [0.5])
    sample = highdim.SphereSample([[1.0, 0.0]], [1.0])
    with pytest.raises(TypeError, match="N, homogeneous of degree 3, has KKT points of a problem"):
        highdim.kkt_certificate(net, sample)


# Where modules are evaluated


class Cut(nn.Module):
    """x ↦ 3/2 − σ(x)/10⁴ + σ(1 − x), and a cut at a constant somewhere."""

    def __init__(self, place, constant, kept=False):
        super().__init__()
        self.place, self.cut = place, lambda t, **limits: t.clamp(**limits)
        self.a, self.b = nn.Linear(1, 2).double(), nn.Linear(2, 1).double()
        with torch.no_grad():
            self.a.weight[:], self.a.bias[:] = torch.tensor([[1.0], [-1.0]]), torch.tensor([0, 1])
            self.b.weight[:], self.b.bias[:] = torch.tensor([[-1e-4, 1.0]]), 1.5
        if kept:
            self.constant = constant
        self.value = lambda: constant

    def forward(self, x):
        constant = self.value()
        if self.place == "input":
            x = self.cut(x, max=constant)
        h = self.a(x)
        h = self.cut(h, min=0.0, max=constant) if self.place == "hidden" else h.relu()
        y = self.b(h)
        return self.cut(y, min=-constant) if self.place == "output" else y


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("place", ["input", "hidden", "output"])
@pytest.mark.parametrize("constant", [3e3, 5e3, 1e5, 1e12, 1e100])
@pytest.mark.parametrize("script", [False, True])
def test_modules_that_saturate_far_away_are_refused(place, constant, script):
    model = Cut(place, constant)
    if script:
        model = torch.jit.trace(model, torch.zeros(3, 1, dtype=torch.double))
    with pytest.raises(ValueError, match="`model` must compute what its linear layers compute"):
        u.ReluNet.from_torch(model)
    assert u.ReluNet.from_torch(Cut("nowhere", constant)).width == 3


class Notched(nn.Module):
    """Zero between two constants of its own, which lie close to one another."""

    def __init__(self, values):
        super().__init__()
        self.a, self.b = nn.Linear(1, 3), nn.Linear(3, 1)
        self.register_buffer("low", torch.tensor(700.0))
        self.high, self.values = 700.5, values

    def forward(self, x):
        h = self.a(x).relu()
        y = self.b(h)
        return torch.where(self.values(self, x, y, h), 0.0 * y, y)


NOTCHES = {
    "an input": lambda self, x, y, h: (x >= self.low) & (x <= self.high),
    "an output": lambda self, x, y, h: (y >= self.low) & (y <= self.high),
}


@pytest.mark.parametrize("name", NOTCHES)
def test_constants_of_modules_are_looked_at(name):
    torch.manual_seed(0)
    with pytest.raises(ValueError, match="`model` must compute what its linear layers compute"):
        u.ReluNet.from_torch(Notched(NOTCHES[name]))


def test_outputs_that_are_cut_where_they_are_small_are_seen():
    """N = |x − 9.7| − 10⁻³ is negative about its kink only."""
    model = Written(lambda self, x: self.b(self.a(x).relu()).relu(), n=2)
    with torch.no_grad():
        model.a.weight[:] = torch.tensor([[1.0], [-1.0]])
        model.a.bias[:] = torch.tensor([-9.7, 9.7])
        model.b.weight[:], model.b.bias[:] = torch.tensor([[1.0, 1.0]]), -1e-3
    net = u.ReluNet.from_torch(model)
    assert net.widths == (2, 1)
    assert net([9.7, 10.0]) == pytest.approx([0.0, 0.299], abs=1e-6)
    model._forward = lambda self, x: self.b(self.a(x).relu()).clamp(min=-5e-4)
    with pytest.raises(ValueError, match="`model` must compute what its linear layers compute"):
        u.ReluNet.from_torch(model)
    model._forward = lambda self, x: self.b(self.a(x).relu())
    assert u.ReluNet.from_torch(model).width == 3


RELUS = {
    "clamp": lambda h: h.clamp(min=0.0),
    "half": lambda h: (h + h.abs()) / 2,
    "product": lambda h: h * (h > 0),
    "finite": lambda h: torch.nan_to_num(h).relu(),
    "PReLU": nn.PReLU(4).double(),
}


@pytest.mark.parametrize("name", RELUS)
@pytest.mark.parametrize("size", [1.0, 1e30, 1e-30, 1e120])
def test_overflow_far_away_refuses_no_honest_module(name, size):
    torch.manual_seed(1)
    model = Written(lambda self, x: self.b(RELUS[name](self.m(self.a(x).relu()))), n=4).double()
    with torch.no_grad():
        model.a.weight.mul_(size)
        model.m.weight.mul_(size)
        model.b.weight.div_(size)
    assert u.ReluNet.from_torch(model).widths[0] == 4


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32])
def test_what_is_beyond_the_range_of_its_type_does_not_count(kind):
    limit = torch.finfo(kind).max
    model = Written(lambda self, x: self.b(self.a(x).clamp(0.0, limit))).to(kind)
    assert u.ReluNet.from_torch(model).width == 17
    nearer = Written(lambda self, x: self.b(self.a(x).clamp(0.0, limit / 100))).to(kind)
    with pytest.raises(ValueError, match="`model` must compute what its linear layers compute"):
        u.ReluNet.from_torch(nearer)


def test_eight_bits_are_enough():
    model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
    model = model.to(getattr(torch, "float8_e4m3fn", torch.float16))
    net = u.ReluNet.from_torch(model)
    assert net.w[:16].tolist() == model[0].weight.double()[:, 0].tolist()


def test_values_that_are_no_numbers_are_no_relu():
    model = Written(lambda self, x: self.b(self.a(x) / (self.a(x) > 0)))
    with pytest.raises(ValueError, match="`model` must compute what its linear layers compute"):
        u.ReluNet.from_torch(model)


def test_outputs_in_single_precision_say_so():
    model = Written(lambda self, x: self.b(self.a(x).relu()).float())
    with pytest.raises(
        ValueError, match=r"off by .*, after 'b', .* keep that, as by \.to\(x\.dtype"
    ):
        u.ReluNet.from_torch(model)


def test_modules_prepared_for_quantisation_say_so():
    class FakeQuantize(nn.Module):
        def forward(self, weight):
            return torch.round(weight.float())

    model = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
    torch.nn.utils.parametrize.register_parametrization(model[0], "weight", FakeQuantize())
    with pytest.raises(ValueError, match="`model` must not be prepared for quantisation"):
        u.ReluNet.from_torch(model)


BATCHES = {
    "mean": lambda x: x.mean(0),
    "mean of all": lambda x: x.mean(),
    "middle": lambda x: (x.amax(0) + x.amin(0)) / 2,
}


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.parametrize("script", [False, True])
def test_modules_that_use_their_batch_are_refused(name, script):
    """The mean of points of all sizes and both signs is 0, that of other batches is not."""
    middle = BATCHES[name]
    model = Written(lambda self, x: self.b(self.a(x - middle(x)).relu()))
    del model.m
    if script:
        model = torch.jit.trace(model, torch.ones(3, 1))
    with pytest.raises(ValueError, match="`model` must map each row of a batch by itself, got"):
        u.ReluNet.from_torch(model)
    plain = Written(lambda self, x: self.b(self.a(x).relu()) + middle(torch.zeros_like(x)))
    del plain.m
    if script:
        plain = torch.jit.trace(plain, torch.ones(3, 1))
    assert u.ReluNet.from_torch(plain).width == 17


# Programs made of modules


@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_frozen_programs_have_no_parameters():
    model = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1)).eval()
    message = "must have parameters, got TorchScript without, as"
    for make in (torch.jit.freeze, torch.jit.optimize_for_inference):
        for module in (model, model.double()):
            with pytest.raises(ValueError, match=message):
                u.ReluNet.from_torch(make(torch.jit.script(module)))


@pytest.mark.parametrize("rows", [4, None])
def test_exported_programs_are_watched(rows):
    model = nn.Sequential(nn.Linear(1, 5), nn.ReLU(), nn.Linear(5, 1))
    shapes = None if rows else ({0: torch.export.Dim("k")},)
    program = torch.export.export(model, (torch.zeros(4, 1),), dynamic_shapes=shapes)
    assert u.ReluNet.from_torch(program.module()) == u.ReluNet.from_torch(model)
    other = nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 1))
    program = torch.export.export(other, (torch.zeros(4, 1),), dynamic_shapes=shapes)
    with pytest.raises(ValueError, match="`model` must compute what its linear layers compute"):
        u.ReluNet.from_torch(program.module())


def test_a_shift_that_a_mean_cancels_is_known_to_rounding_of_both():
    """beta = mean gamma/std, but for rounding: nets with batch normalisation were refused."""
    for seed in range(4):
        torch.manual_seed(seed)
        norm = nn.BatchNorm1d(20).double()
        module = nn.Sequential(nn.Linear(2, 20, bias=False), norm, nn.ReLU(), nn.Linear(20, 1))
        module.double().eval()
        with torch.no_grad():
            norm.running_mean.uniform_(-3.0, 3.0)
            norm.running_var.uniform_(0.1, 2.0)
            norm.weight.uniform_(0.5, 2.0)
            norm.bias.copy_(norm.running_mean * norm.weight / torch.sqrt(norm.running_var + 1e-5))
            x = torch.randn(50, 2, dtype=torch.float64)
            wanted = module(x)[:, 0].numpy()
        found = highdim.network_from_torch(module)(x.numpy())
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)
