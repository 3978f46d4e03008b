"""The way into Django admin."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.models import Person


@pytest.mark.django_db
def test_admin_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get("/admin/audit/tenant/?q=a", follow=False)
    assert answer.headers["Location"].startswith("/admin/login/?next=/admin/audit/tenant/")

    answer = client.get(answer.headers["Location"])

    assert answer.headers["Location"] == "/accounts/login/?next=%2Fadmin%2Faudit%2Ftenant%2F%3Fq%3Da"


def test_a_password_sent_to_admins_own_form_opens_nothing(client: Client, sam: Person) -> None:
    client.post("/admin/login/", {"username": sam.email, "password": "a long enough secret"})

    assert "_auth_user_id" not in client.session


def test_who_is_not_staff_is_told_so(client: Client, ana: Person) -> None:
    client.force_login(ana)

    answer = client.get("/admin/", follow=True)

    assert answer.status_code == 403
    assert b"Your role does not include this" in answer.content


def test_every_page_of_admin_opens_for_a_superuser(staff: Client) -> None:
    index = staff.get("/admin/").content.decode()

    for model in ("tenant", "workspace", "person", "apikey"):
        assert f"/admin/audit/{model}/" in index
        assert staff.get(f"/admin/audit/{model}/").status_code == 200
    for model in ("tenant", "workspace", "person"):
        assert staff.get(f"/admin/audit/{model}/add/").status_code == 200
