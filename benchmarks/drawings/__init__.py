"""The figures of scripts that compute for long: `draw` takes rows and returns a figure."""
