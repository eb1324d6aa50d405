"""What the proxy prints: without a key in it and, with a configuration of ours, without bodies and stacks."""

import logging
import re
import sys
from collections.abc import Iterable

LONGEST = 400
# Where a provider's own words begin: they repeat the request at times, and the client gets them. What LiteLLM calls the error
# stands before them.
PROVIDERS_WORDS = re.compile(r"(?:(?<=Exception) - |[{\[]['\"]|\bGot=).*", re.DOTALL)

_secrets: list[str] = []


def redact(text: str) -> str:
    """The text with every known secret cut down to its last four characters."""
    for secret in _secrets:
        if secret in text:
            text = text.replace(secret, f"[redacted …{secret[-4:]}]")
    return text


def redact_bytes(body: bytes, *, keep_length: bool = False) -> bytes:
    """As `redact`. With `keep_length` the secret becomes as many asterisks: the length was told already."""
    for secret in _secrets:
        plain = secret.encode()
        if plain in body:
            body = body.replace(plain, b"*" * len(plain) if keep_length else redact(secret).encode())
    return body


class _Redacting:
    """A text stream that redacts what is written to it. Everything else is that of the stream behind."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        self._stream.write(redact(text))
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


def install(secrets: Iterable[str]) -> None:
    """To be called before anything takes hold of sys.stdout and sys.stderr."""
    # What is shorter is no key, and would stand in many a word. The longest first: one may be a part of another.
    _secrets[:] = sorted({each for each in secrets if len(each) >= 8}, key=len, reverse=True)
    sys.stdout = _Redacting(sys.stdout)
    sys.stderr = _Redacting(sys.stderr)
    logging.getLogger("uvicorn.access").addFilter(_is_no_health_check)


def _is_no_health_check(record: logging.LogRecord) -> bool:
    """The container asks for itself twice a minute: a day of that would leave no room for what a user looks for."""
    arguments = record.args if isinstance(record.args, tuple) and len(record.args) == 5 else ("", "", "", "", 0)
    return not (str(arguments[2]).startswith("/health/") and arguments[4] == 200)


def shorten() -> None:
    """Log records from now on: one line of limited length each, no stack."""
    make = logging.getLogRecordFactory()

    def factory(*args, **kwargs):
        record = make(*args, **kwargs)
        record.exc_info = None
        record.stack_info = None
        # uvicorn's access log is put together from its arguments.
        if not record.name.startswith("uvicorn."):
            try:
                message = record.getMessage()
            except Exception:  # noqa: BLE001  # a wrong format string must not stop a request
                message = str(record.msg)
            own = PROVIDERS_WORDS.sub(" (the client has its text)", message.strip())
            first = own.split("\n", 1)[0]
            record.msg = first if len(first) <= LONGEST else f"{first[:LONGEST]}…"
            record.args = None
        return record

    logging.setLogRecordFactory(factory)
    for name in ("LiteLLM", "LiteLLM Proxy", "LiteLLM Router"):
        logging.getLogger(name).addFilter(_is_worth_a_line)


# Said at each start: its web pages are not in the image, and the gate would let nobody reach them. Said at each request: a model
# that its list of prices does not have, which is any of a server of one's own.
_IDLE = ("_experimental/out", "This model isn't mapped yet")


def _is_worth_a_line(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    return not any(text in message for text in _IDLE)
