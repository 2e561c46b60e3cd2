"""Words for the device that a browser says it is, and for the network it comes from: enough to know one's own again.

A user agent is a claim, so nothing is decided by it. What it is made into here is all that is kept of it.
"""

import ipaddress
from typing import NamedTuple

# The first that fits names it: every later one is also found in the agents of those before it.
_BROWSERS = (
    ("Line/", "LINE"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("GSA/", "Google"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
HANDHELD = frozenset({"iPhone", "iPad", "Android"})


class Device(NamedTuple):
    """Names of products, the same in every language; "" where nothing is known."""

    browser: str
    system: str


def device_of(user_agent: str) -> Device:
    """What a `User-Agent` header says, as far as a person needs it to know their own device again."""
    agent = user_agent[:1_000]
    return Device(_first(_BROWSERS, agent), _first(_SYSTEMS, agent))


def network_of(address: str) -> str:
    """Where an address belongs, without saying which house: 192.0.2.x, or the first three groups of IPv6."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if isinstance(found, ipaddress.IPv4Address):
        return f"{str(found).rpartition('.')[0]}.x"
    return ":".join(found.exploded.split(":")[:3]) + "::x"


def _first(signs: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in signs if sign in agent), "")
