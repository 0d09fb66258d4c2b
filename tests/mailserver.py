"""A mail server on loopback that speaks SMTP, as far as a client needs it, and does as it is told."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer:
    """`inbox` holds what it took. `answers` gives a verb another reply, such as DATA: "451 later"; "" hangs up."""

    def __init__(self):
        self.inbox: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        office = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self):
                office._serve(self.rfile, self.wfile)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Session)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _serve(self, reader, writer):
        def say(line):
            writer.write(f"{line}\r\n".encode())

        say("220 loopback")
        while line := reader.readline():
            verb = line.split()[0].decode().upper()
            reply = self.answers.get(verb, "354 go on" if verb == "DATA" else "250 ok")
            if not reply:
                return
            say("221 bye" if verb == "QUIT" else reply)
            if verb == "QUIT":
                return
            if reply.startswith("354"):
                letter = _letter(reader)
                reply = self.answers.get(".", "250 taken")
                if not reply:
                    return
                if reply.startswith("250"):
                    self.inbox.append(message_from_bytes(letter, policy=policy.default))
                say(reply)


def _letter(reader):
    lines = []
    while (line := reader.readline()) not in {b".\r\n", b""}:
        lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)
