"""What parameters hold."""

from __future__ import annotations

import random

from audit.canonical import canonical_bytes
from audit.catalog.lookup import CATALOG
from audit.management.seeding.story import PEOPLE_KEYS
from audit.management.seeding.values import VALUES, value_of

# Keys that the story itself fills in.
BY_THE_STORY = PEOPLE_KEYS | {"workspace_name", "destination_type", "url"}


def test_every_key_of_the_vocabulary_has_a_value_of_its_own() -> None:
    keys = {key for event in CATALOG.events() if not event.extension for key in event.parameters}

    assert keys - set(VALUES) <= BY_THE_STORY


def test_every_value_can_be_stored() -> None:
    rng = random.Random(1)

    for key in VALUES:
        for _ in range(20):
            canonical_bytes({key: value_of(key, rng)})


def test_a_key_that_a_deployment_added_gets_a_short_text() -> None:
    assert value_of("cost_centre", random.Random(1)).startswith("cost centre ")
