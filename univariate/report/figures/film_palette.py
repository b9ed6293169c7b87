"""One palette for all frames of a film."""

from typing import Final

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from univariate.common.figure_style import NEGATIVE, POSITIVE
from univariate.report.figures.kinds import KINDS

COLOURS: Final = 192
NEARLY_WHITE: Final = 247
SWATCH: Final = 4000
"""Pixels of every colour of a mark that count in the choice of a palette, so that none is lost."""

_MARKS: Final = (POSITIVE, NEGATIVE, *(kind.colour for kind in KINDS))


def common_palette(frames: list[Image.Image]) -> Image.Image:
    """Return a picture whose palette has colours of frames, those of marks, and pure white."""
    chosen = [np.asarray(frames[round(k * (len(frames) - 1) / 3)]) for k in range(4)]
    marks = np.array([to_rgb(colour) for colour in _MARKS])
    # as they fade, on white
    shades = np.linspace(1.0, 0.25, 4)[:, None, None] * (marks - 1.0) + 1.0
    strip = np.repeat(255.0 * shades.reshape(-1, 3), SWATCH, axis=0).astype(np.uint8)
    strip = np.pad(strip, ((0, -len(strip) % chosen[0].shape[1]), (0, 0)), constant_values=255)
    stacked = np.concatenate([*chosen, strip.reshape(-1, *chosen[0].shape[1:])])
    found = Image.fromarray(stacked).quantize(COLOURS)
    colours = np.array(found.getpalette()).reshape(-1, 3)
    # the nearest colour is looked up on a coarse grid
    colours[colours.min(axis=1) > NEARLY_WHITE] = 255
    found.putpalette(colours.ravel().tolist())
    return found
