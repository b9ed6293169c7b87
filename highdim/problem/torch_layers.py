"""PyTorch modules and state_dicts as layers of nets on R^d; torch is never imported here.

Unlike a zero bias, a missing bias (bias=False) stays missing. An output bias c ≠ 0 becomes one more
neuron of the last hidden layer, of weights 0, with v b = c exactly; where that layer has no biases
they are zeros then.
"""

import numpy as np

from univariate.common.arrays import Matrix, Vector
from univariate.common.nets.named_layers import NamedLayers
from univariate.common.torch_layers import constant_neuron

Hidden = list[tuple[Matrix, Vector | None]]


def hidden_and_output(named: NamedLayers) -> tuple[Hidden, Vector]:
    """Return the hidden layers (weight, bias or None), first layer first, and the output weights.

    Parameters are lifted to float64 exactly.

    Raises
    ------
    TypeError, ValueError
        Anything but two or three linear layers with ReLU between them and one output.
    """
    layers = list(named.values())
    if len(layers) not in (2, 3):
        raise ValueError(
            f"`model` must have 2 or 3 linear layers, got {len(layers)}; other depths are not"
            " supported"
        )
    output, offset = layers[-1]
    if len(output) != 1:
        raise ValueError(
            f"`model` must have one output, got a last layer of shape {output.shape} as (outputs,"
            " inputs); N(x) is a single score, so check the order of the layers and whether"
            " weights are transposed, and of the scores of two classes take the difference,"
            " weight[1:] - weight[:1], bias[1:] - bias[:1]"
        )
    hidden, v = layers[:-1], output[0]
    if offset is None or not np.any(offset):
        return hidden, v
    weight, bias = hidden[-1]
    constant = constant_neuron(float(offset[0]))
    weight = np.vstack([weight, np.zeros(weight.shape[1])])
    bias = np.append(np.zeros(len(weight) - 1) if bias is None else bias, constant[1])
    return [*hidden[:-1], (weight, bias)], np.append(v, constant[0])
