"""The one door to language models: routes, limits, budget, cache, ledger, privacy, output filter.

Other apps use `llm.door` alone.
"""
