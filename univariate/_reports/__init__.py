"""The parts of a report: facts, the finding in one sentence, and the JSON document."""
