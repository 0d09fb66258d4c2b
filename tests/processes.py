import multiprocessing

from django.db import connection

FORK = multiprocessing.get_context("fork")


def in_processes(act, times=4):
    """The results of doing it in so many forks of this process at the same moment."""
    connection.close()  # each opens its own
    start = FORK.Barrier(times)
    pipes = [FORK.Pipe(duplex=False) for _ in range(times)]
    processes = [FORK.Process(target=_run, args=(act, start, writer)) for _reader, writer in pipes]
    for process in processes:
        process.start()
    for _reader, writer in pipes:
        writer.close()
    results = [reader.recv() for reader, _writer in pipes]
    for process in processes:
        process.join()
    return results


def _run(act, start, writer):
    start.wait()
    writer.send(act())
