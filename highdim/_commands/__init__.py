"""The commands that report: what is drawn and trained, and where words and files go."""
