"""How does the clean error depend on m, d and p? Grids of runs in one resumable store: `runs`
measures what the columns hold, `store` keeps and exports them.
"""
