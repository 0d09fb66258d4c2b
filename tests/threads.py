import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection

# Not pg_stat_activity, which stands still within a transaction.
_WAITING = """
SELECT EXISTS (
    SELECT FROM pg_locks wanted JOIN pg_locks held USING (pid) JOIN pg_database d ON d.oid = held.database
    WHERE NOT wanted.granted AND d.datname = current_database()
)
"""

_OTHERS = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
)
"""


def at_once(act, times=5):
    """The results of doing it in so many threads, each with a connection of its own, at the same moment."""
    start = threading.Barrier(times)

    def run():
        start.wait()
        return _with_own_connection(act)

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]


def somebody_waits():
    """Whether another session of this database waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        return cursor.fetchone()[0]


def alone(patience=5.0):
    """Whether no other session of this database is left: one that was closed takes a moment to end."""
    until = time.monotonic() + patience
    while _others() and time.monotonic() < until:
        time.sleep(0.02)
    return not _others()


def _others():
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        return cursor.fetchone()[0]


@contextmanager
def another_thread():
    """Start it there, with a connection of its own: a future."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda act: pool.submit(_with_own_connection, act)


def _with_own_connection(act):
    try:
        return act()
    finally:
        connection.close()
