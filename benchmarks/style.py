"""How the figures look: one set of settings, greys and accents for all of them."""

from typing import Any

STYLE: dict[str, Any] = {
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "mathtext.fontset": "dejavusans",
}
DENSE = {name: value for name, value in STYLE.items() if name != "axes.titlesize"} | {
    "font.size": 9.0
}
"""For figures of many small panels."""

GREY = "0.35"
ACCENT = "#D55E00"  # vermilion of the Okabe–Ito palette
