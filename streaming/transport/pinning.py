"""Makes `requests` dial the address that was checked.

A name is looked up once for a connection, every answer is checked, and the socket is opened to one of them:
between check and use nobody can make the name mean something else.
"""

from __future__ import annotations

import ssl
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection

from streaming.transport.addresses import Policy
from streaming.transport.connecting import Deadline, dial, secure, tls_context
from streaming.transport.resolving import DNS_DEADLINE, Resolver, resolve
from streaming.transport.urls import HttpsUrl, parse_url


class Link:
    """How a connection of this client comes about."""

    def __init__(self, policy: Policy, *, resolver: Resolver | None, deadline: Deadline) -> None:
        self.policy = policy
        self.resolver = resolver
        self.deadline = deadline

    def connect(self, url: HttpsUrl) -> ssl.SSLSocket:
        patience = self.deadline.remaining(DNS_DEADLINE)
        addresses = resolve(url.host, self.policy, resolver=self.resolver, deadline=patience)
        connection = dial(url, addresses, deadline=self.deadline)
        return secure(connection, url, context=tls_context(self.policy.ca_file), deadline=self.deadline)


class _PinnedConnection(HTTPSConnection):
    """Dials the checked address; `host` stays the name, so that SNI, certificate and Host are right."""

    def __init__(self, *args: Any, link: Link, url: HttpsUrl, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._link = link
        self._url = url

    def connect(self) -> None:
        self.sock = self._link.connect(self._url)
        self.is_verified = True


class _PinnedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _PinnedConnection


class PinnedAdapter(HTTPAdapter):
    """Hands `requests` pools of pinned connections, one for each host and port."""

    def __init__(self, link: Link) -> None:
        super().__init__(max_retries=0)
        self._link = link
        self._pools: dict[tuple[str, int], _PinnedPool] = {}

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *_: Any, **__: Any
    ) -> _PinnedPool:
        url = parse_url(str(request.url))
        key = (url.host, url.port)
        if key not in self._pools:
            self._pools[key] = _PinnedPool(url.host, url.port, maxsize=1, link=self._link, url=url)
        return self._pools[key]

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing to do: the link has checked the certificate against its own authorities."""

    def close(self) -> None:
        self.drop_connections()
        super().close()

    def drop_connections(self) -> None:
        """The next request dials anew."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
