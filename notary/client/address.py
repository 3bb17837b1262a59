"""The address of a log, as people give it."""

from __future__ import annotations

from notary.errors import EndpointFailed, UsageError
from notary.net.url import parse_url


def base_address(url: str, *, called: str, code: str) -> str:
    """Return ``url`` without slashes at its end, for paths to be put behind it.

    Raises :class:`UsageError` with ``code`` unless it is an http or https address without user name, query and
    fragment; ``called`` begins the sentence of the error: "LOG_URL is an".
    """
    try:
        bad = "?" in parse_url(url).target
    except EndpointFailed:
        bad = True
    if bad:
        # The address is not repeated: it may hold a password.
        raise UsageError(f"{called} http or https address, without user name, query and fragment.", code=code)
    return url.rstrip("/")
