import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def at_once(act, times=5):
    """The results of doing it in so many threads, each with a connection of its own, at the same moment."""
    start = threading.Barrier(times)

    def run():
        start.wait()
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(times)]]
