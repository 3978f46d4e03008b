"""Which addresses may be dialled.

An allow rule of our own: the `is_global` of the standard library lets metadata, multicast and NAT64 addresses
through, and changes with the version of Python.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeAlias

from streaming.transport.urls import HttpsUrl, IPAddress, ascii_host, has_denied_name, literal_ip, parse_url
from streaming.wire.messages import AddressRefused

Network: TypeAlias = IPv4Network | IPv6Network

_CLOSED_V4 = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
)
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = (
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)
# Whoever reaches one of these reads the machine's own cloud credentials: no operator's list opens them.
_METADATA: tuple[Network, ...] = (
    IPv4Network("169.254.0.0/16"),  # Amazon, Google, Azure, ECS tasks, EKS pods
    IPv4Network("192.0.0.192/32"),  # Oracle
    IPv4Network("100.100.100.200/32"),  # Alibaba
    IPv4Network("168.63.129.16/32"),  # Azure's wire server, a public address by its range
    IPv6Network("fd00:ec2::/32"),  # Amazon, EKS pods
    IPv6Network("fd20:ce::254/128"),  # Google
    IPv6Network("fe80::/10"),
)
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
_ASK = "Use a public address, or ask whoever runs this installation to allow it (AUDITSITE_OUTBOUND_ALLOW)."
_LOOPBACK = (ip_address("127.0.0.1"), ip_address("::1"))


class PolicyError(ValueError):
    """AUDITSITE_OUTBOUND_ALLOW holds something that can't be allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator of this deployment allows besides public addresses.

    A host in `hosts` may have any name and resolve to any address but a metadata one; a network opens its
    addresses. `ca_file` (PEM) is trusted in addition to the public authorities.
    """

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    ca_file: Path | None = None

    @classmethod
    def parse(cls, allow: str, *, ca_file: Path | None = None) -> Policy:
        """From AUDITSITE_OUTBOUND_ALLOW: hosts and networks with commas between. Raises PolicyError."""
        items = [item.strip() for item in allow.split(",") if item.strip()]
        networks = tuple(_network(item) for item in items if _is_network(item))
        hosts = frozenset(_allowed_host(item) for item in items if not _is_network(item))
        return cls(hosts=hosts, networks=networks, ca_file=ca_file)

    def check_host(self, host: str) -> None:
        """Raises AddressRefused if the host itself, before any DNS, is not one that we call."""
        ip = literal_ip(host)
        if ip is not None:
            if not self.allows(ip, host=host):
                kind = "private" if ip.is_private else "reserved"
                raise AddressRefused("addr_forbidden", f"{host} is a {kind} address.", hint=_ASK)
        elif (
            host not in self.hosts
            and has_denied_name(host)
            and not (host == "localhost" and self._opens_loopback)
        ):
            raise AddressRefused("addr_forbidden", f"{host} is a name inside a private network.", hint=_ASK)

    def check_answers(self, host: str, answers: list[IPAddress]) -> list[IPAddress]:
        """The addresses to dial, if every answer passes. Raises AddressRefused without naming an address.

        Of `localhost`, and of nothing else, answers outside the allowed networks are left out instead:
        `127.0.0.0/8` should open it on machines where it also means ::1.
        """
        unwrapped = [_unwrapped(ip) for ip in answers]
        passed = [ip for ip in unwrapped if self.allows(ip, host=host)]
        if not passed or (len(passed) < len(unwrapped) and host != "localhost"):
            raise AddressRefused(
                "addr_forbidden", f"{host} points to a private address, which is not allowed.", hint=_ASK
            )
        return passed

    def allows(self, ip: IPAddress, *, host: str = "") -> bool:
        """Whether this one address may be dialled for the host."""
        ip = _unwrapped(ip)
        if any(ip in network for network in _METADATA):
            return False
        return host in self.hosts or any(ip in network for network in self.networks) or is_public(ip)

    @property
    def _opens_loopback(self) -> bool:
        return any(ip in network for network in self.networks for ip in _LOOPBACK)


def check_address(url: str, policy: Policy) -> HttpsUrl:
    """The address of an intake, if a stream may have it: the check of a form, before any DNS.

    Raises AddressRefused with a sentence for the person who entered it.
    """
    parsed = parse_url(url)
    policy.check_host(parsed.host)
    return parsed


def is_public(ip: IPAddress) -> bool:
    """Whether an address is on the public internet, by our own list of ranges."""
    ip = _unwrapped(ip)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _CLOSED_V4)
    return ip in _OPEN_V6 and not any(ip in network for network in _CLOSED_V6)


def _unwrapped(ip: IPAddress) -> IPAddress:
    return ip.ipv4_mapped or ip if isinstance(ip, IPv6Address) else ip


def _is_network(item: str) -> bool:
    return "/" in item or literal_ip(item) is not None


def _network(item: str) -> Network:
    try:
        network = ip_network(item)
    except ValueError as error:
        raise PolicyError(f"AUDITSITE_OUTBOUND_ALLOW: {item!r} is not a network: {error}.") from None
    for forbidden in _METADATA:
        if network.version == forbidden.version and network.subnet_of(forbidden):  # type: ignore[arg-type]  # versions are equal
            raise PolicyError(
                f"AUDITSITE_OUTBOUND_ALLOW: {item!r} lies in {forbidden}, where clouds keep their metadata. "
                "It can't be allowed."
            )
    return network


def _allowed_host(item: str) -> str:
    try:
        host = ascii_host(item)
    except AddressRefused:
        raise PolicyError(
            f"AUDITSITE_OUTBOUND_ALLOW: {item!r} is neither a host nor a network. Write a bare host name "
            "such as splunk.corp.example, or a network such as 10.2.0.0/16."
        ) from None
    if host in _METADATA_NAMES:
        raise PolicyError(
            f"AUDITSITE_OUTBOUND_ALLOW: {item!r} is a cloud's metadata service. It can't be allowed."
        )
    return host
