"""One request and its answer, in each dialect, whole and streamed, from providers that keep to the rules and others."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from llm import clients, dialects, routing
from llm.dialects import faults
from llm.errors import Failure, FailureKind
from llm.wire import Citation, Message, Reply, Request
from tests.processes import FORK
from tests.provider import KEYS, Provider, nobody, point
from tests.speech import Tokens

PATIENCE = 30.0  # more than a busy machine needs
SECRET = "My aunt lives in Nara."
ROUTES = {"responses": "xai/grok-4.3", "chat": "local/llama", "messages": "anthropic/claude-haiku-5-5"}


@pytest.fixture(params=ROUTES)
def dialect(request, provider):
    return request.param


@pytest.fixture(params=["whole", "streamed"])
def ask(request, dialect):
    """Ask the route of the dialect."""

    def ask(timeout: float = PATIENCE, on_text=None) -> Reply:
        streaming = on_text or (lambda text: None)
        return send(ROUTES[dialect], timeout, streaming if request.param == "streamed" else on_text)

    return ask


def send(name: str, timeout: float = PATIENCE, on_text=None) -> Reply:
    request = Request("Be brief.", (Message("user", SECRET),), max_output_tokens=100)
    return dialects.send(routing.route(name), request, timeout=timeout, on_text=on_text)


def failure_of(ask, timeout: float = PATIENCE) -> Failure:
    with pytest.raises(Failure) as caught:
        ask(timeout)
    return caught.value


def left_of(failure: Failure) -> Reply:
    """What had arrived."""
    assert failure.reply is not None
    return failure.reply


# Answers


def test_an_answer_has_its_text_model_and_id(provider, ask):
    provider.say("Temples open at nine.", model="as-resolved-0501")
    reply = ask()
    assert (reply.text, reply.model) == ("Temples open at nine.", "as-resolved-0501")
    assert reply.request_id in {"resp_1", "chatcmpl_1", "msg_1"}


def test_a_stream_gives_the_text_piece_by_piece(provider, dialect):
    provider.say("Temples open at nine. Füße! 🦌")
    pieces: list[str] = []
    reply = send(ROUTES[dialect], on_text=pieces.append)
    assert "".join(pieces) == reply.text == "Temples open at nine. Füße! 🦌"
    assert len(pieces) > 2


def test_a_piece_is_given_before_the_next_one_is_there(provider, dialect):
    provider.say("Hello there.", pace=0.1)
    came: list[float] = []
    send(ROUTES[dialect], on_text=lambda text: came.append(time.monotonic()))
    assert came[1] - came[0] > 0.05


def test_citations_come_once_each_and_only_those_a_browser_may_open(provider, ask):
    found = [
        ("https://a.example/x", "A"),
        ("https://a.example/x", "Again"),
        ("javascript:alert(1)", "Bad"),
        ("https://[", "Broken"),
        ("http://b.example", "B"),
    ]
    provider.say("See there.", citations=found)
    assert ask().citations == (Citation("https://a.example/x", "A"), Citation("http://b.example", "B"))


def test_usage_counts_all_tokens(provider, ask, dialect):
    provider.say(usage=Tokens(input=900, output=80, cached=500, written=100, reasoning=30))
    usage = ask().usage
    assert usage is not None
    assert (usage.input, usage.output, usage.cached, usage.reasoning) == (900, 80, 500, 30)
    assert usage.written == (0 if dialect == "chat" else 100)


def test_a_missing_usage_is_unknown_and_not_zero(provider, ask):
    provider.say(usage=None)
    assert ask().usage is None


@pytest.mark.parametrize("name", ["xai/grok-4.3", "local/llama"])
def test_the_cost_a_provider_reports_is_kept(provider, name):
    provider.say(ticks=37_756_000)
    usage = send(name).usage
    assert usage is not None
    assert usage.reported_ticks == 37_756_000


# Answers that cannot be used


@pytest.mark.parametrize(
    ("stop", "kind"),
    [
        ("truncated", FailureKind.TRUNCATED),
        ("refused", FailureKind.REFUSED),
        ("filtered", FailureKind.FILTERED),
    ],
)
def test_the_ways_a_model_stops_are_told_apart(provider, ask, dialect, stop, kind):
    provider.say("I would rather", stop=stop, usage=Tokens(100, 7))
    failure = failure_of(ask)
    # Anthropic's filter and Anthropic's model refuse with the same words.
    assert failure.kind is (FailureKind.REFUSED if (dialect, stop) == ("messages", "filtered") else kind)
    usage = left_of(failure).usage
    assert usage is not None
    assert usage.output == 7


def test_an_empty_answer_is_none_but_was_paid_for(provider, ask):
    provider.say("")
    failure = failure_of(ask)
    assert failure.kind is FailureKind.MALFORMED
    usage = left_of(failure).usage
    assert usage is not None
    assert usage.output == 20


def test_json_that_is_no_answer(provider, ask):
    provider.garble()
    failure = failure_of(ask)
    assert failure.kind is FailureKind.MALFORMED
    assert left_of(failure).usage is None  # it may have worked, and send an invoice


@pytest.mark.parametrize(
    "body", ["[" * 100_000, "[]", '"ok"', "{}", '{"choices": []}', '{"status": "completed"}', "null"]
)
def test_json_of_another_shape_is_no_answer(provider, dialect, body):
    provider.answer_with(body)
    assert failure_of(lambda timeout: send(ROUTES[dialect])).kind is FailureKind.MALFORMED


@pytest.mark.parametrize("said", ["one\0two", "one\ud83e two", "\udd8c"])
def test_what_no_database_takes_is_replaced(provider, ask, said):
    provider.say(said, model=said)
    reply = ask()
    reply.text.encode()
    assert "\0" not in reply.text + reply.model
    assert "\N{REPLACEMENT CHARACTER}" in reply.text


def test_an_answer_without_end_is_given_up(provider, ask, monkeypatch):
    monkeypatch.setattr(clients, "MOST_BYTES", 1000)
    provider.say("x" * 5000)
    assert failure_of(ask).kind is FailureKind.MALFORMED


# Providers in trouble

STATUSES = [
    (429, "rate_limit_exceeded", "", FailureKind.RATE_LIMITED),
    (429, "insufficient_quota", "", FailureKind.BAD_KEY),
    (500, "server_error", "", FailureKind.SERVER_ERROR),
    (529, "overloaded_error", "", FailureKind.SERVER_ERROR),
    (401, "invalid_api_key", "", FailureKind.BAD_KEY),
    (403, "permission_error", "", FailureKind.BAD_KEY),
    (400, "", "Incorrect API key provided: xa***. You can obtain an API key from x.", FailureKind.BAD_KEY),
    (400, "invalid_request_error", "Your credit balance is too low.", FailureKind.BAD_KEY),
    (404, "", "", FailureKind.UNKNOWN_MODEL),
    (400, "model_not_found", "", FailureKind.UNKNOWN_MODEL),
    (400, "context_length_exceeded", "", FailureKind.TOO_LONG),
    (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000", FailureKind.TOO_LONG),
    (413, "request_too_large", "", FailureKind.TOO_LONG),
    (400, "content_filter", "", FailureKind.FILTERED),
    (403, "", "Content violates usage guidelines.", FailureKind.FILTERED),
    (400, "invalid_request_error", "Unknown parameter.", FailureKind.BAD_REQUEST),
    (422, "", "", FailureKind.BAD_REQUEST),
]


@pytest.mark.parametrize(("status", "code", "message", "kind"), STATUSES)
def test_an_error_is_told_by_status_code_or_words(provider, ask, status, code, message, kind):
    provider.fail(status, code=code, message=message)
    failure = failure_of(ask)
    assert (failure.kind, failure.status, failure.reply) == (kind, status, None)


def test_xai_nests_its_errors_in_another_way(provider):
    provider.answer_with('{"code": "Some", "error": "Incorrect API key provided: na***ys."}', status=400)
    assert failure_of(lambda timeout: send("xai/grok-4.3")).kind is FailureKind.BAD_KEY


def test_an_error_page_without_json(provider, ask):
    provider.answer_with("<h1>Bad gateway</h1>", status=502)
    assert failure_of(ask).kind is FailureKind.SERVER_ERROR


def test_retry_after_in_seconds(provider, ask):
    provider.fail(429, retry_after=2.5)
    assert failure_of(ask).retry_after == 2.5


def test_retry_after_as_a_date(provider, dialect):
    provider.fail(503, retry_after=format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    seconds = failure_of(lambda timeout: send(ROUTES[dialect])).retry_after
    assert seconds is not None
    assert 25 < seconds <= 30


@pytest.mark.parametrize(
    ("value", "seconds"), [("", None), ("soon", None), ("-1", None), ("Mon, 01 Jan 2001 00:00:00 GMT", 0.0)]
)
def test_retry_after_that_says_nothing_useful(value, seconds):
    assert faults.retry_after({"retry-after": value}) == seconds


def test_an_error_amid_the_answer(provider, ask):
    provider.fail_amid("overloaded_error")
    assert failure_of(ask).kind is FailureKind.SERVER_ERROR


def test_text_that_came_before_an_error_may_have_to_be_paid_for(provider, dialect):
    provider.fail_amid("overloaded_error")
    failure = failure_of(lambda timeout: send(ROUTES[dialect], on_text=lambda text: None))
    assert left_of(failure).text.startswith("Hello")
    assert left_of(failure).usage is None


# Time and the network


@pytest.mark.parametrize("way", ["hang", "drip", "drip_head"])
def test_the_deadline_holds_whatever_the_provider_does(provider, ask, way):
    getattr(provider, way)()
    assert failure_of(ask, timeout=0.2).kind is FailureKind.TIMEOUT


def test_a_deadline_is_not_left_to_the_next_call(provider, ask):
    provider.hang()
    failure_of(ask, timeout=0.1)
    provider.say("Here again.", latency=0.2)
    assert ask().text == "Here again."


def test_a_broken_stream_leaves_what_had_arrived(provider, dialect):
    provider.cut("Hello there, traveler, how was the long way from Nara?")
    failure = failure_of(lambda timeout: send(ROUTES[dialect], on_text=lambda text: None))
    assert failure.kind is FailureKind.UNREACHABLE
    assert left_of(failure).text.startswith("Hello there")
    assert left_of(failure).usage is None


def test_an_answer_broken_off_may_have_to_be_paid_for(provider, dialect):
    provider.cut()
    failure = failure_of(lambda timeout: send(ROUTES[dialect]))
    assert failure.kind is FailureKind.UNREACHABLE
    assert failure.reply == faults.UNKNOWN


def test_nobody_at_the_address(settings, ask):
    point(settings, nobody())
    failure = failure_of(ask)
    assert (failure.kind, failure.reply) == (FailureKind.UNREACHABLE, None)


def test_the_key_follows_no_redirect(provider, ask):
    with Provider() as elsewhere:
        provider.redirect(f"{elsewhere.url}/v1/responses")
        assert failure_of(ask).kind is FailureKind.MALFORMED
        assert elsewhere.requests == []


def test_whoever_listens_can_stop(provider, dialect):
    provider.say("Hello there, traveler. " * 20, pace=0.02)

    def stop(text: str) -> None:
        raise Failure(FailureKind.CANCELLED, "Enough.")

    failure = failure_of(lambda timeout: send(ROUTES[dialect], on_text=stop))
    assert (failure.kind, left_of(failure).text) == (FailureKind.CANCELLED, "Hello th")
    wait_for(lambda: provider.hung_up)


def wait_for(what) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until, "It never happened."
        time.sleep(0.01)


def test_a_proxy_of_the_environment_is_used_and_held_to_the_deadline(provider, settings, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", provider.url)
    settings.LLM_BASE_URLS = {"xai": "http://models.example/v1"}
    assert send("xai/grok-4.3").text == "Hello."
    assert provider.requests[0].path == "http://models.example/v1/responses"
    provider.drip()
    assert failure_of(lambda timeout: send("xai/grok-4.3", timeout=0.2)).kind is FailureKind.TIMEOUT


def test_a_closed_connection_is_not_used_again(provider, ask):
    provider.cut()
    failure_of(ask)
    assert ask().text == "Hello."


def test_fifty_at_once(provider, dialect):
    for _ in range(50):
        provider.say("Hello.", crowd=50)
    with ThreadPoolExecutor(50) as pool:
        texts = [future.result().text for future in [pool.submit(send, ROUTES[dialect]) for _ in range(50)]]
    assert texts == ["Hello."] * 50


def test_a_fork_opens_connections_of_its_own(provider):
    """On the parent's, the two would read each other's answers."""
    assert send("xai/grok-4.3").text == "Hello."
    reader, writer = FORK.Pipe(duplex=False)
    provider.say("To the child.")
    child = FORK.Process(target=lambda: writer.send(send("xai/grok-4.3").text))
    child.start()
    assert reader.recv() == "To the child."
    child.join()
    assert len({asked.peer for asked in provider.requests}) == 2


# What must not get out


@pytest.mark.parametrize(
    "fault", [lambda p: p.fail(400, message=SECRET), lambda p: p.fail_amid("x"), Provider.cut]
)
def test_no_failure_and_no_log_tells_keys_or_prompts(provider, ask, caplog, fault):
    caplog.set_level(logging.DEBUG)
    fault(provider)
    failure = failure_of(ask)
    told = caplog.text + str(failure) + repr(failure) + repr(routing.route("xai/grok-4.3"))
    assert not [word for word in (SECRET, *KEYS.values()) if word in told]


def test_keys_go_to_whom_they_belong(provider):
    for name in ("xai/grok-4.3", "openai/gpt-6-luna", "anthropic/claude-haiku-5-5", "local/llama"):
        send(name)
    assert [asked.key for asked in provider.requests] == [*KEYS.values(), "none"]


def test_what_the_environment_says_to_openai_is_told_to_nobody_else(provider, monkeypatch):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-ours")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-ours")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "key-of-an-admin")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-ours")
    send("xai/grok-4.3")
    send("anthropic/claude-haiku-5-5")
    sent = str([asked.headers for asked in provider.requests])
    assert not [word for word in ("org-ours", "proj-ours", "key-of-an-admin", "token-ours") if word in sent]


def test_clients_retry_nothing_on_their_own(provider, ask):
    provider.fail(500)
    failure_of(ask)
    assert len(provider.requests) == 1
