"""The only way out: every request to a customer's address is sent here."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from types import MappingProxyType, TracebackType
from typing import Self
from uuid import uuid4

import requests
import urllib3

from streaming.transport.addresses import Policy
from streaming.transport.compressing import compressed
from streaming.transport.connecting import Deadline
from streaming.transport.failures import CONNECT_TIMEOUT, READ_TIMEOUT, no_answer
from streaming.transport.pinning import Link, PinnedAdapter
from streaming.transport.resolving import Resolver
from streaming.transport.urls import HttpsUrl, parse_url
from streaming.wire.messages import Answer, Request, Response, TransportError

WHOLE_ATTEMPT = 30.0
"""Seconds from the look-up of the name to the last byte of the answer."""

_HEADER_VALUE = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")


class Client:
    """One run of delivery, or one connection test. Connections are reused inside it and end with it.

    No redirects, no retries, no cookies, no proxies, nothing from the environment or .netrc; certificates are
    always checked; for each connection the name is looked up and checked again, and what was checked is dialled.

        with Client(policy, version="0.1.0") as client:
            answer = client.send(request)
    """

    def __init__(
        self,
        policy: Policy,
        *,
        version: str = "",
        resolver: Resolver | None = None,
        timeout: float = WHOLE_ATTEMPT,
    ) -> None:
        self._user_agent = f"auditsite-audit-stream/{version}".rstrip("/")
        self._timeout = timeout
        self._deadline = Deadline(timeout)
        self._link = Link(policy, resolver=resolver, deadline=self._deadline)
        self._adapter = PinnedAdapter(self._link)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._adapter.close()

    def send(self, request: Request, *, timeout: float | None = None) -> Answer:
        """The response, or the TransportError that came instead; it is returned, not raised.

        `timeout` is for the whole attempt, in seconds.
        """
        limit = min(timeout or self._timeout, self._timeout)
        self._deadline.restart(limit)
        try:
            url = parse_url(request.url)
            prepared = self._prepared(request, url)
        except TransportError as refusal:
            return refusal
        try:
            return self._answer(prepared, largest=request.largest_answer)
        except TransportError as failure:
            return failure
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return no_answer(url, error, limit=limit)

    def _prepared(self, request: Request, url: HttpsUrl) -> requests.PreparedRequest:
        request = compressed(request)
        headers = {
            **request.headers,
            "User-Agent": self._user_agent,
            "Accept-Encoding": "identity",
            "X-Request-Id": str(uuid4()),
        }
        for name, value in headers.items():
            if not _HEADER_VALUE.fullmatch(value):
                raise TransportError(
                    "header_invalid", f"The header {name} holds characters that can't be sent."
                )
        return requests.Request(request.method, str(url), headers=headers, data=request.body).prepare()

    def _answer(self, prepared: requests.PreparedRequest, *, largest: int) -> Response:
        began = time.monotonic()
        answer = self._adapter.send(
            prepared, stream=True, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), verify=True
        )
        try:
            body = _read(answer.raw, largest + 1)
        finally:
            answer.raw.release_conn()
        if answer.status_code < 200 or len(body) > largest:
            # What is left on this connection is not the beginning of another answer.
            self._adapter.drop_connections()
        return Response(
            status=answer.status_code,
            headers=MappingProxyType({name.lower(): value for name, value in answer.headers.items()}),
            body=body[:largest],
            elapsed=timedelta(seconds=time.monotonic() - began),
            truncated=len(body) > largest,
        )


def _read(raw: urllib3.HTTPResponse, most: int) -> bytes:
    chunks = []
    while most > 0 and (chunk := raw.read(most, decode_content=False)):
        chunks.append(chunk)
        most -= len(chunk)
    return b"".join(chunks)
