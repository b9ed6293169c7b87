"""What Theorems 4.1 and 4.3 share: the net at margin 1, concentration on the sphere, the hypotheses on the sample."""
