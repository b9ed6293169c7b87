"""The parts of a report on the sphere: facts, the KKT point nearby, and the finding in one sentence."""
