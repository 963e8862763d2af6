"""A mail server on loopback that takes mail, or refuses it as a test says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class MailServer:
    """`refuses` is the reply to a mail that is not taken."""

    port: int = 0
    refuses: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    made = MailServer()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self.reply("220 mail.example")
            while line := self.rfile.readline():
                match line.split(b" ")[0].strip().upper():
                    case b"EHLO" | b"HELO":
                        self.reply("250 mail.example")
                    case b"RCPT":
                        made.recipients.append(line.decode().partition(":")[2].strip())
                        self.reply(made.refuses or "250 OK")
                    case b"DATA":
                        self.reply("354 go on")
                        made.mails.append(self.read_mail())
                        self.reply("250 OK")
                    case b"QUIT":
                        self.reply("221 bye")
                        return
                    case _:
                        self.reply("250 OK")

        def read_mail(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b"."))
            return message_from_bytes(b"".join(lines), policy=policy.default)

        def reply(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield made
        server.shutdown()
