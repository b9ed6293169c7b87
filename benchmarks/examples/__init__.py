"""Worked examples, each a page of prose and code: what is shown was printed, and is tested.

- `benchmarks.examples.audit_my_network`: where does the net that I trained in PyTorch stand?
- `benchmarks.examples.max_margin_on_my_data`: what does maximising the margin do on my data?
- `benchmarks.examples.compare_my_training`: how does my own training overfit, beside other rules?
- `benchmarks.examples.tempered_or_benign`: what becomes of overfitting in dimension d?

`python -m doctest -v benchmarks/examples/audit_my_network.py` runs one.
"""
