"""placeholder."""

import numpy as np


def stacked_clean_errors(v, w, b):
    return np.full(len(v), np.nan)
