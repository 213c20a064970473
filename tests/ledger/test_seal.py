"""Sealed outputs open with any key at hand; digests compare across rotation; keys are never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import LedgerError, SecretError
from reconciler.ledger.seal import VARIABLE, Seals, key_file

OLD = "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xkb2w="
NEW = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="
SEALS = Seals(NEW, OLD)


@given(st.text())
def test_what_is_sealed_is_opened_again(text: str) -> None:
    assert SEALS.open(SEALS.seal(text)) == text


@given(st.text(), st.text())
def test_a_digest_matches_its_own_text_alone(text: str, other: str) -> None:
    assert SEALS.matches(SEALS.digest(text), text)
    assert SEALS.matches(SEALS.digest(text), other) is (text == other)


def test_two_seals_of_one_text_do_not_look_alike_and_two_digests_do() -> None:
    assert SEALS.seal("hunter2") != SEALS.seal("hunter2")
    assert SEALS.digest("hunter2") == SEALS.digest("hunter2")
    assert "hunter2" not in SEALS.seal("hunter2") + SEALS.digest("hunter2")


def test_after_a_rotation_the_old_tokens_open_and_the_old_digests_compare() -> None:
    before = Seals(OLD)
    assert SEALS.open(before.seal("hunter2")) == "hunter2"
    assert SEALS.matches(before.digest("hunter2"), "hunter2") is True
    assert SEALS.matches(before.digest("hunter2"), "hunter3") is False
    assert SEALS.digest("hunter2") != before.digest("hunter2")
    assert SEALS.digest("hunter2") == Seals(NEW).digest("hunter2")


def test_a_token_of_a_lost_key_is_an_error_and_its_digest_is_unknown() -> None:
    token, digest = Seals(OLD).seal("hunter2"), Seals(OLD).digest("hunter2")
    with pytest.raises(SecretError, match="opened by none of the 1 seal keys at hand") as error:
        Seals(NEW).open(token)
    assert VARIABLE in str(error.value)
    assert Seals(NEW).matches(digest, "hunter2") is None


@pytest.mark.parametrize("text", ["", "hmac:", "plain", "hmac:00000000:00"])
def test_what_is_no_digest_of_ours_is_unknown(text: str) -> None:
    assert SEALS.matches(text, "hunter2") is None


@pytest.mark.parametrize("text", ["not a token", "", "gAAAAA"])
def test_what_is_no_token_is_an_error(text: str) -> None:
    with pytest.raises(SecretError):
        SEALS.open(text)


@pytest.mark.parametrize("bad", ["hunter2", NEW[:-4], NEW + "AAAA", "ключ", NEW.replace("=", "!")])
def test_a_key_that_is_none_is_named_by_its_place_and_not_shown(bad: str) -> None:
    with pytest.raises(SecretError, match=f"{VARIABLE}: key 2 is no seal key") as error:
        Seals.find({VARIABLE: f"{OLD},{bad}"}, None)
    assert bad not in str(error.value)
    assert "openssl rand" in str(error.value)


def test_no_key_is_shown_anywhere() -> None:
    shown = repr(SEALS) + str(SEALS) + repr(vars(SEALS))
    for key in (OLD, NEW, "oldold", "newnew"):
        assert key not in shown


@pytest.mark.parametrize("between", [",", " ", ", ", "\n", " ,\n "])
def test_keys_may_be_separated_by_commas_or_blanks(between: str) -> None:
    seals = Seals.find({VARIABLE: f" {NEW}{between}{OLD}\n"}, None)
    assert seals is not None
    assert repr(seals) == repr(SEALS)


@pytest.mark.parametrize("environ", [{}, {VARIABLE: ""}, {VARIABLE: " , "}])
def test_without_a_key_there_are_no_seals_and_looking_makes_none(environ: dict[str, str], tmp_path: Path) -> None:
    assert Seals.find(environ, None) is None
    assert Seals.find(environ, tmp_path / "ledger") is None
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_is_made_once_beside_the_folder_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / ".reconciler" / "ledger"
    made = Seals.make(folder)
    file = key_file(folder)
    assert file == tmp_path / ".reconciler" / "ledger.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["ledger.key"]
    found = Seals.find({}, folder)
    assert found is not None
    assert found.open(made.seal("hunter2")) == "hunter2"
    assert Seals.make(folder).open(made.seal("hunter2")) == "hunter2"


def test_a_key_of_the_environment_comes_before_the_key_file_which_still_opens(tmp_path: Path) -> None:
    before = Seals.make(tmp_path / "ledger")
    after = Seals.find({VARIABLE: NEW}, tmp_path / "ledger")
    assert after is not None
    assert after.open(before.seal("hunter2")) == "hunter2"
    assert after.digest("hunter2") == Seals(NEW).digest("hunter2")


def test_a_key_file_that_cannot_be_made_or_read_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("a file")
    with pytest.raises(LedgerError, match=r"plain/ledger\.key"):
        Seals.make(tmp_path / "plain" / "ledger")
    key_file(tmp_path / "ledger").mkdir()
    with pytest.raises(SecretError, match=r"ledger\.key"):
        Seals.find({}, tmp_path / "ledger")


def test_a_key_file_that_was_damaged_is_an_error_with_its_place(tmp_path: Path) -> None:
    key_file(tmp_path / "ledger").write_text("garbage\n")
    with pytest.raises(SecretError, match=r"ledger\.key: key 1 is no seal key") as error:
        Seals.find({}, tmp_path / "ledger")
    assert "garbage" not in str(error.value)
