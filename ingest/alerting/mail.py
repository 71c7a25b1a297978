"""Messages as e-mail. The Message-ID is that of the notification, whatever the attempt: mailboxes drop a repeat."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime

from ingest.alerting.channel import TIMEOUT_S, ChannelError
from ingest.alerting.message import Message, clean

TLS_PORT = 465
_LONGEST_SUBJECT = 180


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server and how it is talked to."""

    host: str
    port: int
    starttls: bool = True
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"


class Mail:
    """Sends to a fixed list of addresses, all of them in one message."""

    name = "mail"

    def __init__(
        self,
        server: Server,
        sender: str,
        to: tuple[str, ...],
        timeout_s: float = TIMEOUT_S,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._server, self._sender, self._to = server, sender, to
        self._timeout_s, self._tls = timeout_s, tls

    def send(self, message: Message) -> str:
        """Hand it to the server. Raises ChannelError unless it took it for somebody at least."""
        letter = self.letter(message)
        try:
            client = self._connected()
            try:
                refused = client.send_message(letter, self._sender, list(self._to))
            finally:
                # Taken is taken, however the server says goodbye.
                with suppress(OSError, smtplib.SMTPException):
                    client.quit()
                client.close()
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            raise ChannelError(f"all recipients refused ({', '.join(map(str, codes))})") from None
        except smtplib.SMTPResponseException as error:
            raise ChannelError(f"{type(error).__name__} {error.smtp_code}") from None
        except smtplib.SMTPException as error:
            raise ChannelError(type(error).__name__) from None
        except TimeoutError:
            raise ChannelError("no answer in time") from None
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else None
            raise ChannelError(f"{type(error).__name__}{f': {said}' if said else ''}") from None
        return f"taken, {len(refused)} of {len(self._to)} recipients refused" if refused else "taken"

    def letter(self, message: Message) -> EmailMessage:
        """The message as it is sent."""
        letter = EmailMessage(policy=POLICY)
        letter["From"] = self._sender
        letter["To"] = ", ".join(self._to)
        letter["Subject"] = clean(message.title, _LONGEST_SUBJECT)
        letter["Date"] = format_datetime(message.at)
        letter["Message-ID"] = self._id(message.key)
        if message.event == "cleared":
            letter["In-Reply-To"] = letter["References"] = self._id(f"{message.episode}-opened")
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Backstop-Episode"] = message.episode
        letter["X-Backstop-Event"] = message.event
        letter.set_content("\n".join([message.title, "", *message.lines, ""]))
        return letter

    def _id(self, key: str) -> str:
        return f"<{key}@{self._sender.rpartition('@')[2]}>"

    def _connected(self) -> smtplib.SMTP:
        server, host = self._server, self._server.host
        # Its own name as it is: asking the network for a longer one can take long.
        me = socket.gethostname()
        if server.port == TLS_PORT:
            client: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port, me, timeout=self._timeout_s, context=self._tls())
        else:
            client = smtplib.SMTP(host, server.port, me, timeout=self._timeout_s)
        try:
            if server.starttls and server.port != TLS_PORT:
                client.starttls(context=self._tls())
            if server.user is not None and server.password is not None:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client
