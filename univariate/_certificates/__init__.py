"""How certificates are found, measured and replayed."""
