"""Secrets: where their values come from, and that no text keeps one."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.kinds.tree import Env, File
from reconciler.manifest.values import CUT, SHORTEST, Secrets, allowed_file


def secrets(root: Path, **environ: str) -> Secrets:
    return Secrets(root, (), environ)


def test_a_variable_gives_its_value(tmp_path: Path) -> None:
    found = secrets(tmp_path, TOKEN="t0ken")
    assert found.value(Env("TOKEN")) == "t0ken"
    assert found.why(Env("TOKEN")) == ""


def test_a_variable_that_is_not_set_says_so(tmp_path: Path) -> None:
    found = secrets(tmp_path, EMPTY="")
    assert found.value(Env("TOKEN")) is None
    assert found.why(Env("TOKEN")) == "TOKEN is not set here"
    assert found.value(Env("EMPTY")) is None
    assert found.why(Env("EMPTY")) == "EMPTY is empty here"


def test_a_file_gives_its_content_without_the_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\ntwo\r\n")
    (tmp_path / "b").write_bytes(b"three\n\n")
    found = secrets(tmp_path)
    assert found.value(File("a")) == "one\ntwo"
    assert found.value(File("b")) == "three\n"


def test_a_file_that_gives_nothing_says_why(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "empty").write_bytes(b"\n")
    (root / "latin").write_bytes(b"\xff\xfe")
    (root / "large").write_bytes(b"x" * 70_000)
    (tmp_path / "outside").write_text("x")
    (root / "link").symlink_to("../outside")
    found = secrets(root)
    whys = {
        name: found.why(File(name)) for name in ("none", "empty", "latin", "large", "../outside", "link", ".", "a\0b")
    }
    assert whys == {
        "none": "none cannot be read here: No such file or directory",
        "empty": "empty is empty",
        "latin": "latin is not UTF-8",
        "large": "large is over 64 KB, no secret is",
        "../outside": "../outside is outside the project",
        "link": "link is outside the project",
        ".": ". cannot be read here: Is a directory",
        "a\0b": "a\0b is outside the project",
    }
    assert all(found.value(File(name)) is None for name in whys)


def test_a_file_may_lie_below_a_named_folder(tmp_path: Path) -> None:
    root, keys = tmp_path / "root", tmp_path / "keys"
    assert allowed_file(root, (str(keys),), str(keys / "a")) == keys / "a"
    assert allowed_file(root, ("../keys",), "../keys/a") == keys / "a"
    assert allowed_file(root, ("../keys",), "../keys/../a") is None
    assert allowed_file(root, ("../key",), "../keys/a") is None


def test_values_do_not_show_in_the_repr(tmp_path: Path) -> None:
    found = secrets(tmp_path, TOKEN="very-secret")
    found.value(Env("TOKEN"))
    assert "very-secret" not in repr(found)


VALUE = st.text(min_size=SHORTEST, max_size=40).filter(lambda text: text.isprintable() and text.strip() == text)


@given(value=VALUE, before=st.text(max_size=10), after=st.text(max_size=10))
@example(value="päss/wörd+1=", before="ab", after="c")
@example(value='qu"o\\te', before="", after="")
def test_no_encoding_of_a_value_survives(value: str, before: str, after: str) -> None:
    found = Secrets(Path(), (), {})
    found.learn(value)
    whole = before + value + after
    encodings = [
        (whole, value),
        (quote(whole.encode(), safe=""), quote(value.encode(), safe="")),
        (quote_plus(whole.encode()), quote_plus(value.encode())),
        (json.dumps(whole), json.dumps(value)[1:-1]),
        (json.dumps(whole, ensure_ascii=False), json.dumps(value, ensure_ascii=False)[1:-1]),
    ]
    for text, secret in encodings:
        assert CUT in found.redact(text)
        assert secret not in found.redact(text) or secret in CUT


@given(
    value=st.binary(min_size=6, max_size=30).map(lambda raw: raw.hex()),
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
)
def test_no_alignment_of_base64_keeps_a_value(value: str, before: bytes, after: bytes) -> None:
    found = Secrets(Path(), (), {})
    found.learn(value)
    whole = before + value.encode() + after
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        left = found.redact(encode(whole).decode())
        assert CUT in left
        assert len(left) - len(CUT) <= len(encode(before + after)) + 6


def test_overlapping_values_are_cut_whole(tmp_path: Path) -> None:
    found = secrets(tmp_path)
    found.learn("abcdef")
    found.learn("defghi")
    assert found.redact("x abcdefghi y") == f"x {CUT} y"


def test_a_value_with_spaces_around_is_cut_without_them_too(tmp_path: Path) -> None:
    found = secrets(tmp_path)
    found.learn(" s3cr3t\n")
    assert found.redact("it was s3cr3t.") == f"it was {CUT}."


def test_a_short_value_is_left(tmp_path: Path) -> None:
    found = secrets(tmp_path)
    found.learn("abc")
    assert found.redact("abc abcd") == "abc abcd"


@given(st.text())
def test_a_text_without_secrets_stays(text: str) -> None:
    found = Secrets(Path(), (), {})
    found.learn("\x00 never in a text of hypothesis \x00" * 3)
    assert found.redact(text) == text


def test_cutting_twice_changes_nothing(tmp_path: Path) -> None:
    found = secrets(tmp_path)
    found.learn("secret")
    once = found.redact("a secret b")
    assert once == f"a {CUT} b"
