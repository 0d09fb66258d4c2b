"""The services of a machine that has none: an embedded Postgres and Redis, and the supervisor of `make run`."""
