from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.models import Tenant
from auditsite.demo.intake import Intake
from tests.streaming.faults.scene import Scene, make_scene
from tests.streams import MakeStream

MakeScene = Callable[[str], Scene]


@pytest.fixture
def scene_of(acme: Tenant, make_stream: MakeStream, loopback: Intake) -> MakeScene:
    """A scene with a destination of this kind."""
    return lambda kind: make_scene(kind, acme, make_stream, loopback)
