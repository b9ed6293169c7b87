"""Modules inside those that compile or distribute them, and their hooks."""

from typing import Any, Final

_WRAPPERS: Final = {
    "OptimizedModule": "_orig_mod",
    **{"DataParallel": "module", "DistributedDataParallel": "module"},
}


def unwrapped(module: Any) -> Any:
    """Return the module inside those that compile or distribute it; ValueError if quantised or
    frozen.
    """
    while _is_wrapper(module):
        module = getattr(module, _WRAPPERS[type(module).__name__])
    if any(type(part).__name__.startswith("Uninitialized") for part in module.parameters()):
        raise ValueError(
            "`model` must have weights, got lazy layers without any; call it on some inputs first"
        )
    for part in module.modules():
        if ".quantized" in type(part).__module__:
            raise ValueError(
                f"`model` must not be quantised, got {type(part).__name__}; pass the model as it"
                " was before"
            )
        if "FakeQuantize" in (kind.__name__ for kind in type(part).__mro__):
            raise ValueError(
                "`model` must not be prepared for quantisation, which rounds weights and outputs;"
                " pass the model as it was before, with its weights"
            )
    if is_script(module) and not any(True for _ in module.parameters()):
        raise ValueError(
            "`model` must have parameters, got TorchScript without, as torch.jit.freeze and"
            " optimize_for_inference make it: weights are constants of its program; pass the module"
            " from which it was made"
        )
    return module


def _is_wrapper(module: Any) -> bool:
    """Whether a module does what the one inside does, and nothing by hooks of its own."""
    kind = type(module)
    if kind.__name__ not in _WRAPPERS or not kind.__module__.startswith("torch."):
        return False
    return not has_hooks(module)


def has_hooks(module: Any) -> bool:
    """Whether there are hooks that PyTorch has not put there itself."""
    hooks = (*module._forward_hooks.values(), *module._forward_pre_hooks.values())
    return any(not str(getattr(one, "__module__", "")).startswith("torch.") for one in hooks)


def is_script(part: Any) -> bool:
    """Whether a part is TorchScript."""
    return type(part).__module__.startswith("torch.jit")
