"""The web process: `gunicorn auditsite.wsgi`."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auditsite.settings")

_site = get_wsgi_application()
from auditsite.ingest_road import IngestRoad  # noqa: E402 - models can be imported from here on only

application = IngestRoad(_site)

# A batch of a thousand entries makes tens of thousands of objects that end with the request by themselves: looking for
# cycles after each 700, over all that was loaded at the start, took a fifth of the time.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
