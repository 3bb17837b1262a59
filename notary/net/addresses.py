"""Which addresses are public: what a stranger names may be fetched from these, and from no others.

`ipaddress` alone does not answer this: of ``64:ff9b::a9fe:a9fe``, ``2002:a9fe:a9fe::`` (both lead to 169.254.169.254),
``::127.0.0.1`` and ``224.0.0.1`` it says on some versions that they are global. So IPv6 is what is given out for it
(2000::/3) less what leads elsewhere; and IPv4 is everything less the special-purpose registry of IANA.
"""

from __future__ import annotations

import ipaddress
from typing import Final

_IPV4_SPECIAL: Final = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network; 0.0.0.0 is this machine
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared by the customers of a provider
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, where clouds keep their secrets
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_IPV6_GIVEN_OUT: Final = ipaddress.IPv6Network("2000::/3")
_IPV6_SPECIAL: Final = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo and ORCHID among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: holds an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(text: str) -> bool:
    """Say whether an IP address is one of the public internet; anything that is none, or has a zone, is not."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in block for block in _IPV4_SPECIAL)
    if address.scope_id is not None or address not in _IPV6_GIVEN_OUT:
        return False
    return address.is_global and not any(address in block for block in _IPV6_SPECIAL)
