"""What a try's result means, and what of it may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ManifestError
from reconciler.http.exchange import (
    CLIP,
    Answer,
    Cut,
    Done,
    Doubtful,
    Effect,
    Fault,
    NotDone,
    NotSent,
    Outcome,
    Reply,
    Request,
    Unsent,
    clean,
    judge,
)
from tests.http.scripted_vendor import TOKEN, cut_token, host

EFFECTS: tuple[Effect, ...] = ("reads", "writes", "creates")
Result = Answer | Unsent | Cut


def ask(effect: Effect = "reads", path: str = "/teams") -> Request:
    return Request("POST", path, effect=effect)


def answer(status: int, content: bytes | None = b"", **headers: str) -> Answer:
    return Answer(status, headers, content)


def inner(status: int | None) -> bytes:
    said = "null" if status is None else str(status)
    return b'{"error": {"message": "no", "code": "c7", "status": %s}}' % said.encode()


# result → the outcome for a read, for a write (idempotent or creating), and the fault's status
MEANINGS: dict[str, tuple[Result, type[Outcome], type[Outcome], int | None]] = {
    "no connection": (Unsent("refused"), NotSent, NotSent, None),
    "a cut": (Cut("reset"), NotDone, Doubtful, None),
    "200": (answer(200, b'{"a": 1}'), Done, Done, None),
    "201 without body": (answer(201), Done, Done, None),
    "204": (answer(204), Done, Done, None),
    "204 called HTML": (answer(204, b"", **{"content-type": "text/html"}), Done, Done, None),
    "JSON called text": (answer(200, b"[]", **{"content-type": "text/plain"}), Done, Done, None),
    "a page on 200": (answer(200, b"<html>"), NotDone, Doubtful, 200),
    "half of a 200": (answer(200, b'{"a": '), NotDone, Doubtful, 200),
    "a 200 that broke off": (answer(200, None), NotDone, Doubtful, 200),
    "NaN": (answer(200, b'{"a": NaN}'), NotDone, Doubtful, 200),
    "too deep": (answer(200, b"[" * 200_000), NotDone, Doubtful, 200),
    "not UTF-8": (answer(200, b'"\xff"'), NotDone, Doubtful, 200),
    "200 with an inner 400": (answer(200, inner(400)), NotDone, NotDone, 400),
    "200 with an inner 429": (answer(200, inner(429)), NotDone, NotDone, 429),
    "200 with an inner 500": (answer(200, inner(500)), NotDone, Doubtful, 500),
    "200 with an error of no status": (answer(200, inner(None)), NotDone, Doubtful, 200),
    "302": (answer(302, location="https://elsewhere.test/login"), NotDone, NotDone, 302),
    "304": (answer(304), NotDone, NotDone, 304),
    "400": (answer(400, inner(None)), NotDone, NotDone, 400),
    "401": (answer(401), NotDone, NotDone, 401),
    "404 that broke off": (answer(404, None), NotDone, NotDone, 404),
    "409 with another inner status": (answer(409, inner(500)), NotDone, NotDone, 409),
    "422 as a page": (answer(422, b"<html>"), NotDone, NotDone, 422),
    "423": (answer(423), NotDone, NotDone, 423),
    "429 as a page": (answer(429, b"<html>"), NotDone, NotDone, 429),
    "500": (answer(500), NotDone, Doubtful, 500),
    "501": (answer(501), NotDone, Doubtful, 501),
    "503 as a page": (answer(503, b"<html>"), NotDone, Doubtful, 503),
    "512": (answer(512), NotDone, Doubtful, 512),
    "600": (answer(600), NotDone, Doubtful, 600),
}


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("case", MEANINGS)
def test_each_result_has_one_meaning(case: str, effect: Effect) -> None:
    result, read, write, status = MEANINGS[case]
    outcome = judge(ask(effect), host(), result)
    assert type(outcome) is (read if effect == "reads" else write)
    if not isinstance(outcome, Done):
        assert outcome.fault.status == status
        assert outcome.fault.message


WORDS: dict[str, tuple[Result, str]] = {
    "the vendor's own": (answer(409, inner(None)), "409 (c7): no"),
    "a page's title": (answer(502, b"<html><title>Bad\nGateway</title>"), "502: an HTML page: Bad Gateway"),
    "a page without one": (answer(502, b"<p>oops"), "502: an HTML page"),
    "plain text": (answer(403, b"Forbidden"), "403: Forbidden"),
    "JSON of another shape": (answer(400, '{"причина": "имя"}'.encode()), '400: {"причина": "имя"}'),
    "nothing": (answer(403), "403: no reason given"),
    "a blank": (answer(400, b'{"error": {"message": " \\u0007"}}'), "400: no reason given"),
    "a network error": (Unsent("connection refused"), "connection refused"),
    "a login page on 200": (
        answer(200, b"<html>"),
        "200: answered with an HTML page; is https://api.vendor.test/rest the API's address?",
    ),
    "a redirect": (
        answer(307, location="https://elsewhere.test/login?ticket=abc#frag"),
        "307: redirects to https://elsewhere.test/login; not followed, so that the token is not sent there: "
        "check the account's url",
    ),
}


@pytest.mark.parametrize("case", WORDS)
def test_a_fault_is_told_in_one_line(case: str) -> None:
    result, said = WORDS[case]
    outcome = judge(ask(), host(), result)
    assert not isinstance(outcome, Done)
    assert str(outcome.fault) == said


CLEANED = {
    "colour": ("\x1b[31mred\x1b[0m", "red"),
    "a title change": ("a\x1b]0;title\x07b", "ab"),
    "lines": ("one\r\n\ttwo", "one two"),
    "a bell": ("a\x07b", "a b"),
    "C1 controls": ("a\x9b31mb", "a 31mb"),
    "right to left": ("abc\u202edef", "abc def"),
    "half a character": ("a\ud83db", "a b"),
    "Japanese": ("障害 通知", "障害 通知"),
    "long": ("x" * 400, "x" * (CLIP - 1) + "…"),
    "a secret": (f"key {TOKEN} is wrong", "key (secret) is wrong"),
    "a secret at the clip": ("x" * (CLIP - 5) + TOKEN, "x" * (CLIP - 5) + "(sec…"),
    "a secret with a colour in it": (f"{TOKEN[:5]}\x1b[1m{TOKEN[5:]}", "(secret)"),
}


@pytest.mark.parametrize("case", CLEANED)
def test_text_from_outside_is_made_fit_for_a_terminal(case: str) -> None:
    text, shown = CLEANED[case]
    assert clean(text, cut_token) == shown


@given(st.text())
def test_no_text_breaks_a_line(text: str) -> None:
    shown = clean(text)
    assert len(shown) <= CLIP
    assert shown == clean(shown)
    assert all(char.isprintable() or ord(char) > 0x9F for char in shown)
    assert len(shown.splitlines()) <= 1
    shown.encode()


@pytest.mark.parametrize(
    "path", ["", "teams", "/teams/..", "/teams/%2e%2E", "/teams/./x", "/../x", "/a b", "/a?b=1", "/a#b", "/é", "/%zz"]
)
def test_a_path_that_leaves_its_place_cannot_be_asked_for(path: str) -> None:
    with pytest.raises(ManifestError):
        Request("DELETE", path)


@pytest.mark.parametrize("path", ["/", "/teams", "/v2/teams/a%2Fb", "/teams/...", "/teams/a.b", "/x/%D0%B8", "/a:b@c"])
def test_other_paths_can(path: str) -> None:
    assert Request("GET", path).path == path


@pytest.mark.parametrize("header", [("x-from", "a\r\nb: c"), ("x from", "a"), ("x-from", "é"), ("x-from", " a")])
def test_a_header_that_http_cannot_carry_is_refused_without_its_value(header: tuple[str, str]) -> None:
    with pytest.raises(ManifestError) as caught:
        Request("GET", "/", headers=(header,))
    assert "b: c" not in str(caught.value)


def test_bodies_queries_and_headers_do_not_show() -> None:
    request = Request("POST", "/teams", (("key", TOKEN),), {"key": TOKEN}, "creates", (("x-key", TOKEN),))
    reply = Reply(200, {"apiKey": TOKEN}, {"x-key": TOKEN})
    shown = repr([Done(request, reply), NotDone(request, Fault(400, None, "no"), reply), host()])
    assert TOKEN not in shown + repr(Answer(200, {"x-key": TOKEN}, TOKEN.encode()))
    assert "POST" in shown
    assert "/teams" in shown
