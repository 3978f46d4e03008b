"""A strict grammar for the addresses that streams may call.

Parsers disagree about lax addresses: what one checks, another dials. So only one form is taken, and all that
follows uses the form that came out of here.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

import idna

from streaming.wire.messages import AddressRefused

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

DENIED_SUFFIXES = frozenset(
    {
        "localhost",
        "localdomain",
        "local",
        "internal",
        "svc",
        "lan",
        "home",
        "corp",
        "arpa",
        "onion",
        "test",
        "invalid",
    }
)
# Ports of services that an HTTPS request could confuse or probe; none of them takes entries.
DENIED_PORTS = frozenset(
    {
        0,
        20,
        21,
        22,
        23,
        25,
        53,
        80,
        110,
        111,
        135,
        139,
        143,
        389,
        445,
        465,
        514,
        587,
        631,
        636,
        993,
        995,
        1433,
        1521,
    }
    | {2049, 2375, 2379, 2380, 3306, 3389, 5432, 5672, 5900, 6379, 6667, 10250, 11211, 27017}
)

_LAYOUT = re.compile(
    r"(?P<scheme>[a-z]+)://(?P<host>\[[^\]/?]*\]|[^:/?\[\]]*)(?::(?P<port>[^/?]*))?(?P<rest>[/?].*)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LOOKS_NUMERIC = re.compile(r"\d+|0x[0-9a-f]*")

# Two standards read a name with one of these as two different names: sharp s, final sigma, the joiners.
_DEVIATIONS = frozenset("ßς\u200c\u200d")
_LONGEST = 2_000

_NOT_HTTPS = "Start the address with https:// and use a public host name."


@dataclass(frozen=True, slots=True)
class HttpsUrl:
    """An https address in its one written form. `host` is lower case ASCII, no brackets, no trailing dot."""

    host: str
    port: int
    path: str
    """With its query, never empty."""

    @property
    def ip(self) -> IPAddress | None:
        return literal_ip(self.host)

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == 443 else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"https://{self.authority}{self.path}"


def parse_url(url: str) -> HttpsUrl:
    """The parts of an https address. Raises AddressRefused `url_not_https` or `url_invalid`."""
    if not url:
        raise AddressRefused("url_invalid", "Enter a URL.")
    if len(url) > _LONGEST:
        raise AddressRefused("url_invalid", f"The address is longer than {_LONGEST} characters.")
    found = _LAYOUT.fullmatch(url)
    if found is None or found["scheme"].lower() != "https":
        code = "url_invalid" if url.lower().startswith("https:") else "url_not_https"
        raise AddressRefused(code, _NOT_HTTPS)
    host = _host(found["host"])
    return HttpsUrl(host=host, port=_port(found["port"]), path=_path(found["rest"] or "/"))


def literal_ip(host: str) -> IPAddress | None:
    """The address that a host is written as; None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def has_denied_name(host: str) -> bool:
    """Whether the name can only mean something inside a private network."""
    labels = host.split(".")
    return literal_ip(host) is None and (len(labels) < 2 or labels[-1] in DENIED_SUFFIXES)


def ascii_host(name: str) -> str:
    """A host name in lower case ASCII, IDNs as A-labels. Raises AddressRefused."""
    name = name.removesuffix(".")
    if not name.isascii() and unicodedata.normalize("NFKC", name).lower() != name:
        raise _refused_host(name)
    try:
        ascii_name = name.lower() if name.isascii() else idna.encode(name, strict=True).decode()
        for label in ascii_name.split("."):
            if label.startswith("xn--") and _DEVIATIONS & set(idna.decode(label, strict=True)):
                raise _refused_host(name)
    except (idna.IDNAError, UnicodeError):
        raise _refused_host(name) from None
    if len(ascii_name) > 253 or not all(_LABEL.fullmatch(label) for label in ascii_name.split(".")):
        raise _refused_host(name)
    return ascii_name


def _host(written: str) -> str:
    if written.startswith("["):
        return _ipv6(written[1:-1])
    if _is_ipv4(written):
        return written
    name = ascii_host(written)
    if _LOOKS_NUMERIC.fullmatch(name.rsplit(".", 1)[-1]):
        raise AddressRefused(
            "url_invalid", f"{name} is not a host name. Write an IP address as four plain numbers."
        )
    return name


def _ipv6(written: str) -> str:
    # A zone (`%eth0`) would choose the network card; the standard library takes it, so it is stopped here.
    if not re.fullmatch(r"[0-9A-Fa-f:.]+", written):
        raise _refused_host(written)
    try:
        return str(ipaddress.IPv6Address(written))
    except ValueError:
        raise _refused_host(written) from None


def _is_ipv4(written: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(written)) == written
    except ValueError:
        return False


def _port(written: str | None) -> int:
    if written is None:
        return 443
    if not re.fullmatch(r"[1-9][0-9]{0,4}", written) or int(written) > 65535:
        raise AddressRefused("url_invalid", "The port must be a number from 1 to 65535.")
    if int(written) in DENIED_PORTS:
        raise AddressRefused(
            "url_invalid", f"Port {written} belongs to another kind of service. Use the HTTPS port."
        )
    return int(written)


def _path(written: str) -> str:
    if not _PATH.fullmatch(written) or _BAD_ESCAPE.search(written):
        raise AddressRefused(
            "url_invalid", "The address must not contain spaces, # or other special characters."
        )
    return written if written.startswith("/") else f"/{written}"


def _refused_host(name: str) -> AddressRefused:
    shown = name.encode("ascii", "backslashreplace").decode()[:100]
    return AddressRefused("url_invalid", f"“{shown}” is not a public host name. Check the spelling.")


def without_query(url: str) -> str:
    """An address as entries and staff may see it: what follows a question mark may be a secret."""
    return url.partition("?")[0]
