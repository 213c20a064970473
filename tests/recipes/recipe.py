"""Recipe: the files of `examples/ci` as their readers take them, and the secrets that they are given here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.stage import SEAL_KEY

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "ci"
SECRETS = {
    "OPSGENIE_API_KEY": "opsgenie-key-for-tests",
    "WALLARM_API_TOKEN": "wallarm-token-for-tests",
    "RECONCILER_SEAL_KEY": SEAL_KEY,
    "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST",
    "AWS_SECRET_ACCESS_KEY": "made-up-secret",
}
TRIGGER = "  threshold: {more_than: 1, within: 1s}"


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def data(file: Path) -> Any:
    """As YAML 1.2 has it: `on` is a word there."""
    return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))


def told(said: str) -> list[str]:
    """The secrets that can be read in it."""
    return [name for name, value in SECRETS.items() if value in said]
