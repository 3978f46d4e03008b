"""What beat rings for, every so many seconds. What is due stands in PostgreSQL: a ring that is lost costs nothing."""

from __future__ import annotations

SCHEDULE = {
    "sweep": {"task": "streaming.tasks.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "sweep_replays": {
        "task": "auditsite.resending.sweep_replays",
        "schedule": 2.0,
        "options": {"expires": 10},
    },
    "sweep_exports": {"task": "auditsite.exports.sweep_exports", "schedule": 2.0, "options": {"expires": 10}},
    "expire_exports": {
        "task": "auditsite.exports.expire_exports",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "send_notices": {
        "task": "auditsite.noticing.send_notices",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "prune": {"task": "streaming.tasks.prune", "schedule": 3600.0, "options": {"expires": 3600}},
    "maintain_partitions": {
        "task": "auditsite.maintaining.maintain_partitions",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "apply_retention": {
        "task": "auditsite.maintaining.apply_retention",
        "schedule": 86400.0,
        "options": {"expires": 3600},
    },
}
