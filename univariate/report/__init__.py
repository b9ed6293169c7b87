"""What do results look like? Reports and studies as data, JSON, figures and screens."""
