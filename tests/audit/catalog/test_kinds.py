"""Areas, categories and events as data."""

from __future__ import annotations

from audit.catalog.kinds import Area, Category


def test_the_three_categories_are_called_as_the_product_calls_them() -> None:
    assert [c.label for c in Category] == ["Setting updates", "System configuration", "User actions"]


def test_an_event_is_declared_in_its_area() -> None:
    vault = Area("vault", "Vault")

    event = vault.event(
        "secret_read", "Secret read", Category.USER_ACTIONS, "name version", "Someone read it."
    )

    assert (event.code, event.area, event.parameters) == ("vault.secret_read", vault, ("name", "version"))
    assert (vault.events, event.extension) == ([event], False)
