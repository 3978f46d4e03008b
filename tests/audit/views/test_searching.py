from __future__ import annotations

from django.test import Client

from audit.models import Person
from tests.audit.views.reading import LOG, read


def test_the_help_of_the_search_leads_to_all_about_it(client: Client, vic: Person) -> None:
    client.force_login(vic)

    answer = client.get(read(client).link("All about searching"))

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().startswith("# Searching the log")
    assert "`category:`" in answer.content.decode()


def test_it_is_for_members_as_the_log_is(client: Client, gus: Person, vic: Person) -> None:
    assert client.get(f"{LOG}searching/").status_code == 302

    client.force_login(gus)

    assert client.get(f"{LOG}searching/").status_code == 404
    assert vic.email
