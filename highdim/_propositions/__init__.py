"""What Propositions 4.4–4.6 rest on: angles, orthants, sums of rectified normals, and nets that refute them."""
