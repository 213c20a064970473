"""datadog/DoraDeployment: sent once, marked later where it failed, and otherwise never changed."""

from __future__ import annotations

import pytest

from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Own
from reconciler.vendors.datadog.dora_deployment import KIND
from tests.kinds.datadog_dora import BEGAN, BLIND, DEPLOYMENT, END, ENDED, FAILED, SIGNED, START, edit, signal_of

SENT: Object = {"service": "a", "env": "prod", "started_at": BEGAN, "finished_at": ENDED}
RIGHT: Object = {**FAILED, "remediation": {"type": "rollforward", "version": "2"}}
MARKS: list[tuple[Object, Object, Object]] = [
    (SENT, FAILED, FAILED),
    (SENT, RIGHT, RIGHT),
    ({**SENT, **RIGHT}, {"change_failure": False}, {"change_failure": False}),
]


@pytest.mark.parametrize(("last", "changed", "said"), MARKS)
def test_it_is_marked_by_its_id(last: Object, changed: Object, said: Object) -> None:
    [step] = KIND.steps(edit(last, **changed), SIGNED)
    assert (step.method, step.path) == ("PATCH", "/api/v2/dora/deployments/{id}")
    assert step.body == {"id": Own(), "type": "dora_deployment_patch_request", "attributes": said}


@pytest.mark.parametrize(("context", "effect"), [(SIGNED, "creates"), (BLIND, "writes")])
def test_it_is_sent_without_its_mark(context: Context, effect: str) -> None:
    send, *mark = KIND.steps(Work("create", {**SENT, **RIGHT}), context)
    body = {"service": "a", "env": "prod", "started_at": START, "finished_at": END}
    assert (send.path, send.instead, send.body) == ("/api/v2/dora/deployment", "", body)
    assert (send.effect, send.blind, send.made, send.tells) == (effect, False, {"started_at": BEGAN}, SENT)
    assert [step.name for step in mark] == ["mark"]
    assert len(KIND.steps(Work("create", SENT), context)) == 1


def test_an_edit_that_asks_nothing_of_datadog_sends_nothing() -> None:
    assert KIND.steps(Work("update", SENT, frozenset(), SENT), SIGNED) == ()


REFUSED: dict[str, tuple[Work, Context, str, str]] = {
    "it failed": (edit(SENT, **FAILED), SIGNED, "", ""),
    "it is sent, and failed": (Work("create", {**SENT, **FAILED}), SIGNED, "", ""),
    "it is sent": (Work("create", SENT), BLIND, "", ""),
    "a mark without an application key": (edit(SENT, **FAILED), BLIND, "change_failure", "app_key"),
    "sent with a mark without one": (Work("create", {**SENT, **FAILED}), BLIND, "change_failure", "app_key"),
    "another version": (edit(SENT, version="2"), SIGNED, "version", "as it was"),
    "another end": (edit(SENT, finished_at=BEGAN), SIGNED, "finished_at", "as it was"),
    "a mark is taken back": (edit({**SENT, **FAILED}, change_failure=None), SIGNED, "change_failure", "as it was"),
}


@pytest.mark.parametrize(("work", "context", "refused", "way_out"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_changed_is_refused_with_the_way_out(
    work: Work, context: Context, refused: str, way_out: str
) -> None:
    found = signal_of(DEPLOYMENT).refuses(work, context)
    assert (found.path if found else ()) == ((refused,) if refused else ())
    assert found is None or way_out in found.way_out


CONSEQUENCES: list[tuple[Work, str]] = [
    (Work("create", SENT), ""),
    (Work("create", {**SENT, **FAILED}), "counts as a change failure"),
    (edit(SENT, change_failure=False), "counts as no change failure"),
]


@pytest.mark.parametrize(("work", "words"), CONSEQUENCES)
def test_a_reviewer_sees_what_a_mark_counts_for(work: Work, words: str) -> None:
    told = " ".join(KIND.consequences(work))
    assert words in told
    assert bool(words) is bool(told)


NOTICES: list[tuple[Object, Object, str]] = [
    ({**SENT, **FAILED}, SENT, "change_failure is taken as said"),
    ({**SENT, **FAILED}, {"change_failure": False}, "change_failure is False there and True in Git"),
    ({**SENT, **FAILED}, FAILED, ""),
    (SENT, FAILED, ""),
]


@pytest.mark.parametrize(("last", "there", "words"), NOTICES)
def test_of_one_that_was_found_its_mark_is_told(last: Object, there: Object, words: str) -> None:
    told = KIND.notices(last, there)
    assert len(told) == bool(words)
    assert all(words in text for text in told)
