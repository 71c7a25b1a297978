"""Where notifications go, as settings say it: the address of a webhook, addresses of e-mail."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_LOCAL = ("localhost", "127.0.0.1", "::1")


def _web_address(given: SecretStr) -> SecretStr:
    """Never says what was given: whoever knows the address of a webhook can write to it."""
    url = given.get_secret_value()
    try:
        parts = urlsplit(url)
        bad = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        bad = True
    if bad or not _PRINTABLE.fullmatch(url):
        raise ValueError("expected an address that begins with https:// (or http://) and has a host and no spaces")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a name or password before @ is not sent; expected the secret in the path, as Slack has it")
    return given


def _mail_address(given: str) -> str:
    try:
        if not _PRINTABLE.fullmatch(given):
            raise ValueError("spaces, control or non-ASCII characters")
        address = Address(addr_spec=given)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise ValueError(f"{given!r} is not an e-mail address; expected one such as desk@example.com") from error
    if not address.username or not address.domain or address.addr_spec != given:
        raise ValueError(f"{given!r} is not an e-mail address; expected one such as desk@example.com")
    return given


def _listed(given: object) -> object:
    """An environment variable holds one line: addresses separated by commas."""
    if isinstance(given, str):
        return tuple(part for part in (part.strip(' "') for part in given.strip().strip("[]").split(",")) if part)
    return given


WebAddress = Annotated[SecretStr, AfterValidator(_web_address)]
"""http or https, with a host."""
MailAddress = Annotated[str, AfterValidator(_mail_address)]
"""local@domain, nothing else: no name, no comment, ASCII."""
MailAddresses = Annotated[tuple[MailAddress, ...], NoDecode, BeforeValidator(_listed)]
"""Several; as one text separated by commas."""


def mail_trouble(
    host: str | None, port: int, user: str | None, password: SecretStr | None, starttls: bool, sender: str | None,
    to: tuple[str, ...],
) -> str | None:  # fmt: skip
    """What about the settings of e-mail does not fit together, naming the setting; None when all is well."""
    if host is None:
        return None
    if sender is None or not to:
        return f"{'mail_to' if sender else 'mail_from'}: needed with smtp_host; expected an address"
    if (user is None) != (password is None):
        return f"{'smtp_password' if user else 'smtp_user'}: expected both a user and a password, or neither"
    if user is not None and not starttls and port != 465 and host not in _LOCAL:
        return "smtp_starttls: without it the password would go unencrypted; expected true, or smtp_port 465"
    return None
