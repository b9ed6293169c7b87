"""What is given: samples on the sphere and elsewhere, networks, and statements about them."""
