"""Independent answers the package is tested against; nothing here imports the package."""
