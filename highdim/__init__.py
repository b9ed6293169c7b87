"""The sphere setting of Section 4: inputs in high dimension, where overfitting turns benign.

What is known in closed form so far: the max-margin net of orthonormal data, the limit of sphere samples as the
dimension grows at a fixed sample size, and the clean error that it predicts.
"""

from highdim.orthogonal_limit import OrthogonalLimit, orthogonal_limit

__all__ = ["OrthogonalLimit", "orthogonal_limit"]
