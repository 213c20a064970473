"""Address: what a manifest is called everywhere, `pagerduty@eu/Service/checkout`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

DEFAULT_ACCOUNT = "default"
_NAME = re.compile(r"[\w.-]+", re.UNICODE)
_ADDRESS = re.compile(r"(?P<vendor>[a-z]+)(@(?P<account>[\w.-]+))?/(?P<kind>[A-Za-z]+)/(?P<name>[\w.-]+)")


def is_name(text: str) -> bool:
    """Whether `text` may be a `metadata.name`: letters, digits, `-`, `_`, `.`, in NFC."""
    return bool(_NAME.fullmatch(text)) and unicodedata.is_normalized("NFC", text)


@dataclass(frozen=True, order=True)
class Address:
    """One manifest's name in the project; the account is left out of the text where it is `default`."""

    vendor: str
    account: str
    kind: str
    name: str

    def __str__(self) -> str:
        return self.text

    @cached_property
    def text(self) -> str:
        return f"{self.host}/{self.kind}/{self.name}"

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.vendor, self.account, self.kind, self.name))

    @property
    def host(self) -> str:
        """Vendor and account in one word, as the ledger's prefix and messages use it."""
        return host_name(self.vendor, self.account)

    @property
    def kind_id(self) -> str:
        """The kind without account and name: `pagerduty/Service`."""
        return f"{self.vendor}/{self.kind}"

    @staticmethod
    @lru_cache(maxsize=65_536)
    def parse(text: str) -> Address | None:
        """Read an address; None where the text is none."""
        found = _ADDRESS.fullmatch(text)
        if found is None:
            return None
        return Address(found["vendor"], found["account"] or DEFAULT_ACCOUNT, found["kind"], found["name"])


def host_name(vendor: str, account: str) -> str:
    """`vendor` for the default account, `vendor@account` for another."""
    return vendor if account == DEFAULT_ACCOUNT else f"{vendor}@{account}"
