"""How does the clean error depend on m, d and p? Grids of runs in one resumable store: `runs` says
what a run is, `measuring` what its columns hold; `store` keeps them, `rows` reads them for fits and
plots, `exporting` writes them as tables.
"""
