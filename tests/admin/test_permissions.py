"""A walk over every URL of every screen as people without the right to be there."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, reverse

from tests.admin.rows import make_rows

# A page for whoever may see the list, and buttons about all rows together.
PAGES = {
    "content_assistant_ruling_analytics",
    "llm_call_overview",
    "matching_matchrun_analytics",
    "matching_matchrun_analytics_json",
}
PAGES |= {"social_campaign_calendar", "social_trend_overview"}
OF_NO_ROW = {
    "experts_expert_import",
    "experts_expert_process_import",
    "experts_service_import",
    "experts_service_process_import",
    "llm_call_close_circuit",
    "llm_call_forget",
    "llm_call_switch",
    "llm_call_test_route",
    "matching_algorithmversion_fit",
    "matching_algorithmversion_roll_back",
}
MOVES = {
    f"matching_algorithmversion_{name}"
    for name in ("activate", "change_share", "into_shadow", "retire", "to_draft")
}


OF_REVIEWS = {
    f"bookings_{model}_{name}" for model in ("review", "travelerreview") for name in ("hide", "show")
}


OF_BOOKINGS = {
    f"bookings_booking_{name}" for name in ("accept", "cancel", "complete", "confirm", "decline", "no_show")
}
OUTREACH = (
    *("approve", "by_hand", "claim", "convert", "customise", "decline", "not_sent", "opt_out"),
    *("record_reply", "release", "sent", "skip", "take_over", "try_again"),
)
OF_CONTENT = {
    *(f"social_campaign_{name}" for name in ("cancel", "finish", "results", "start")),
    *(f"social_idea_{name}" for name in ("draft", "reject", "reopen")),
    "social_monitor_ideas",
    *(f"social_postdraft_{name}" for name in ("back", "published", "ready")),
}
OF_SOCIAL = {
    *OF_CONTENT,
    "social_alert_retry",
    "social_monitor_start",
    *(f"social_lead_{name}" for name in ("erase", "opt_out", "write")),
    *(f"social_outreach_{name}" for name in OUTREACH),
    "social_slackuser_confirm",
    *(f"social_trend_{name}" for name in ("approve", "merge", "reject", "split")),
}
DECISIONS = {"bookings_dispute_decide", "bookings_report_decide"}
OF_DRAFTS = {f"content_assistant_ruling_{name}" for name in ("approve", "claim", "edit", "reject", "release")}


def screens():
    """The names of all URLs that belong to a model, those Django makes and those of our own buttons."""
    included = [entry for entry in admin.site.get_urls() if not isinstance(entry, URLPattern)]
    return sorted(
        {
            pattern.name
            for entry in included
            for pattern in entry.url_patterns
            if isinstance(pattern, URLPattern)
        }
        - {None, "app_list"}
    )


def address(name):
    """The page of a row that exists: a missing one would be refused for that reason alone."""
    prefixes = {f"{model._meta.app_label}_{model._meta.model_name}_": model for model in admin.site._registry}
    prefix, model = next((prefix, model) for prefix, model in prefixes.items() if name.startswith(prefix))
    if name.removeprefix(prefix) in {"changelist", "add"} or name in PAGES | OF_NO_ROW:
        return reverse(f"admin:{name}")
    return reverse(f"admin:{name}", args=[model._default_manager.latest("pk").pk])


OWN = [
    name
    for name in sorted(set(screens()) - PAGES)
    if name.rsplit("_", 1)[1] not in {"changelist", "add", "history", "delete", "change"}
]


def test_the_buttons_of_our_own_are_these():
    assert [
        "accounts_noticemail_send_this_again",
        "accounts_user_erase_account",
        "accounts_user_export_data",
        "accounts_user_remove_second_factor",
        *sorted({"bookings_attachment_download"} | OF_BOOKINGS | DECISIONS | OF_REVIEWS),
        *sorted(OF_DRAFTS),
        "experts_expert_approve",
        "experts_expert_import",
        "experts_expert_pause",
        "experts_expert_process_import",
        "experts_expert_reinstate",
        "experts_expert_resume",
        "experts_expert_send_back",
        "experts_expert_suspend",
        "experts_expert_verify",
        "experts_service_import",
        "experts_service_process_import",
        *sorted(name for name in OF_NO_ROW if name.startswith("llm_")),
        "markets_market_activate",
        "markets_market_close",
        *sorted(MOVES | {name for name in OF_NO_ROW if name.startswith("matching_")}),
        *sorted(OF_SOCIAL),
    ] == OWN


@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_without_a_role_get_nowhere(plain_staff, method):
    make_rows()
    answers = {name: getattr(plain_staff, method)(address(name)).status_code for name in screens()}
    assert answers == dict.fromkeys(answers, 403)


@pytest.mark.parametrize("method", ["get", "post"])
def test_outsiders_and_strangers_are_sent_to_sign_in(outsider, method):
    make_rows()
    for client in (outsider, Client()):
        found = {name: getattr(client, method)(address(name)) for name in screens()}
        assert {answer.status_code for answer in found.values()} == {302}
        assert {answer.headers["Location"].split("?")[0] for answer in found.values()} == {
            reverse("admin:login")
        }


def test_signing_in_is_the_sites_own_and_outsiders_get_no_further(outsider):
    answer = Client().get(reverse("admin:login") + "?next=/admin/experts/expert/")
    assert answer.headers["Location"] == reverse("account_login") + "?next=%2Fadmin%2Fexperts%2Fexpert%2F"
    assert outsider.get(reverse("admin:login")).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_analyst_reads_and_presses_no_button(analyst, method):
    make_rows()
    assert {name: getattr(analyst, method)(address(name)).status_code for name in OWN} == dict.fromkeys(
        OWN, 403
    )
    assert analyst.get(reverse("admin:experts_expert_changelist")).status_code == 200


def test_a_reviewer_decides_on_experts_drafts_and_reviews_and_not_on_markets_or_accounts(reviewer):
    make_rows()
    allowed = {name for name in OWN if reviewer.get(address(name)).status_code == 200}
    decides = {name for name in OWN if name.startswith("experts_expert_")} | OF_REVIEWS | DECISIONS
    decides -= {"experts_expert_import", "experts_expert_process_import"}
    of_social = OF_SOCIAL - {"social_monitor_start"}
    assert allowed == decides | of_social | OF_DRAFTS | {"bookings_attachment_download"}


def test_an_operator_opens_markets_and_moves_versions_and_bookings_and_decides_on_nobody(operator):
    make_rows()
    allowed = {name for name in OWN if operator.get(address(name)).status_code == 200}
    of_versions = MOVES | {"matching_algorithmversion_fit", "matching_algorithmversion_roll_back"}
    of_people = {"accounts_user_erase_account", "accounts_user_export_data"}
    of_people |= {"accounts_noticemail_send_this_again"}
    imports = {"experts_expert_import", "experts_service_import"}
    others = {"markets_market_activate", "markets_market_close"}
    others |= {"social_alert_retry", "social_monitor_start"}
    assert allowed == others | of_versions | of_people | imports | OF_BOOKINGS
