"""Durable work under fire: real workers, beat, Postgres and Redis, and everything is killed again and again.

`python -m bench.chaos` prints a table and one JSON object; `tests/jobs/test_chaos.py` runs a small one.
"""
