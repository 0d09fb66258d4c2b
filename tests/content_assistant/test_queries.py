"""How much the pages of a draft ask the database, for each of the six tools as it really is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from content_assistant.models import Draft
from tests.content_assistant.rows import TOOLS, make_rows, make_version, make_writer
from tests.factories import make_message, make_review, make_service, make_user

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8
OF_A_DRAFT = ["draft", "draft?facts=1", "writing", "facts", "compare", "use"]


@pytest.fixture
def drafts(client):
    expert = make_writer()
    client.force_login(expert.user)
    return make_rows(expert, make_user("Rosa Traveler"))


def asked(client, name, *args):
    name, _sign, query = name.partition("?")
    url = reverse(f"assistant:{name}", args=args)
    client.get(url, query_params=dict([query.split("=")]) if query else None)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url, query_params=dict([query.split("=")]) if query else None)
    assert response.status_code == 200
    assert len(queries) <= MOST_QUERIES, [query["sql"][:150] for query in queries]
    return len(queries)


@pytest.mark.parametrize("kind", [*TOOLS, "translate-service", "translate-itinerary"])
def test_a_drafts_pages_ask_little_however_much_there_is_to_read(client, drafts, kind):
    draft = drafts[kind]
    counts = [{name: asked(client, name, draft.pk) for name in OF_A_DRAFT}]
    expert = draft.expert
    make_service(expert, title="Another")
    make_review(expert, text="We came back.")
    make_message(drafts["inquiry"].inquiry, "traveler", "And where?")
    for one in drafts.values():
        make_version(one, 3)
    counts.append({name: asked(client, name, draft.pk) for name in OF_A_DRAFT})
    assert counts[0] == counts[1]


@pytest.mark.parametrize("kind", ["itinerary", "translate-itinerary"])
def test_an_itinerary_is_shown_with_few(client, drafts, kind):
    asked(client, "itinerary", drafts[kind].pk)


@pytest.mark.parametrize("tool", TOOLS)
def test_each_form_asks_little(client, drafts, tool):
    asked(client, "create", tool)


def test_the_list_and_the_token_ask_little(client, drafts):
    asked(client, "home")
    asked(client, "token")
    assert Draft.objects.count() > len(TOOLS)
