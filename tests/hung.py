import contextlib
import socket
from collections.abc import Iterator


class HungServer:
    """Takes connections and never says a word, as a stopped server does."""

    def __init__(self, listening: socket.socket) -> None:
        listening.setblocking(False)
        self.listening = listening
        self.port = listening.getsockname()[1]

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def visits(self) -> int:
        """How many clients have come since the last look."""
        count = 0
        while True:
            try:
                self.listening.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@contextlib.contextmanager
def hung_server() -> Iterator[HungServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield HungServer(listening)
