"""The one door to language models: routes, limits, budget, cache, ledger, privacy. Nothing stands here yet."""
