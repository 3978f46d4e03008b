from __future__ import annotations

import pytest
from django.db import IntegrityError

from audit.models import Tenant
from streaming.models import Figures, Stream
from streaming.models.figures import AGE_BOUNDS, REQUEST_BOUNDS, SIZE_BOUNDS

EMPTY: dict[str, list[int]] = {"requests_in": [], "sizes_in": [], "ages_in": []}


def test_there_is_one_row_for_each_stream_and_meaning(acme: Tenant) -> None:
    stream = Stream.objects.create(tenant=acme, url="")
    row = Figures.objects.create(stream=stream, outcome="retry", requests=3, **EMPTY)
    assert str(row) == f"3 × retry of {stream.pk}"

    with pytest.raises(IntegrityError, match="figures_once"):
        Figures.objects.create(stream=stream, outcome="retry", **EMPTY)


@pytest.mark.parametrize("bounds", [AGE_BOUNDS, REQUEST_BOUNDS, SIZE_BOUNDS])
def test_bounds_of_a_histogram_rise(bounds: tuple[float, ...]) -> None:
    assert list(bounds) == sorted(set(bounds))
