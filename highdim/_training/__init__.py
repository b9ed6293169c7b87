"""Training on the sphere: first layers in two spaces, integrators, and the run that drives them."""
