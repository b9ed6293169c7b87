"""Settings in YAML: plain values, whatever tags of other programs say; nothing is run."""

import re
from contextlib import suppress
from typing import Any, Final

import yaml

_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+")
"""Numbers as Python prints them, 1e-05, which are texts in YAML."""

_MADE: Final = re.compile(r"tag:yaml\.org,2002:python/(?:name|object)(?:/\w+)*:(?P<name>[\w.]+)")
"""How PyYAML writes classes, functions and objects, as Lightning has it do."""

_PLAIN: Final = ("bool", "int", "float", "null")


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # yaml has no types
    """Makes mappings, lists, numbers and texts, whatever tags say."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Return the node of what comes next. What stands elsewhere, by an alias, is empty: files
        of a kilobyte would unfold to more than memory holds.
        """
        if self.check_event(yaml.AliasEvent):
            self.get_event()
            return yaml.MappingNode("tag:yaml.org,2002:map", [])
        return super().compose_node(parent, index)


def _value(loader: _Loader, tag: str, node: yaml.Node) -> Any:
    """Return what a node would be without its tag, and the name of the class or the function that
    the tag is of.
    """
    made = _MADE.fullmatch(tag)
    if isinstance(node, yaml.MappingNode):
        below = loader.construct_mapping(node, deep=True)
        return {"class": made["name"], **below} if made else below
    if made:
        return made["name"]
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    text = loader.construct_scalar(node)
    is_number = node.style is None and _NUMBER.fullmatch(text)
    return float(text) if is_number else text


_Loader.yaml_constructors = {
    tag: make
    for tag, make in yaml.SafeLoader.yaml_constructors.items()
    if tag in {f"tag:yaml.org,2002:{name}" for name in _PLAIN}
}
_Loader.add_multi_constructor("", _value)


def settings_of_yaml(text: str) -> Any:
    """Return the settings in a text; ValueError if it is no YAML, or of several documents."""
    with suppress(yaml.YAMLError, TypeError):  # the latter of keys that are mappings
        return yaml.load(text, _Loader)
    raise ValueError("no YAML")
