"""What `gunicorn auditsite.wsgi` starts with, wherever it runs; the command line overrides it."""

from __future__ import annotations

worker_class = "auditsite.serving.PatientWorker"
logger_class = "auditsite.serving.AccessLog"
threads = 4
