"""Every numbered statement of the paper, evaluated: what was tested, on how many instances, and
what came out.

`python -m benchmarks.ledger` computes the rows that are missing from results/ledger.csv and writes
LEDGER.md from them. A statement is a function that takes the size of the computation and returns a
`Finding`; `registry.STATEMENTS` lists them in the order of the paper. Whatever is said to fail has
a witness in `witnesses`, which replays in fractions.
"""
