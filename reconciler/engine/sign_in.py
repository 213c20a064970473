"""Sign-in: where an account's key is written, and what to look at when the vendor refuses it."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.kinds.shape import Leaf, shape_of
from reconciler.kinds.tree import Env, File
from reconciler.kinds.vendor import AccountSettings
from reconciler.manifest.project import Account

_REFUSED = frozenset({401, 403})
_TOO_MANY, _BROKEN = 429, 500


def sources(settings: AccountSettings) -> dict[str, Env | File]:
    """The secret settings of an account, by name."""
    found = {name: getattr(settings, name) for name in secret_names(type(settings))}
    return {name: source for name, source in found.items() if isinstance(source, Env | File)}


def secret_names(settings: type[AccountSettings]) -> list[str]:
    """The settings that are secrets, set or not."""
    return [name for name, one in shape_of(settings).fields.items() if _secret(one.shape)]


def _secret(shape: object) -> bool:
    return isinstance(shape, Leaf) and shape.secret


def given(account: Account, name: str) -> str:
    """Where a secret setting gets its value, which is never told: `NAME (reconciler.yaml:5:3)`."""
    where = f" ({account.place})" if account.place else ""
    return f"{named(sources(account.settings)[name])}{where}"


def named(source: Env | File) -> str:
    """What people call the source: the variable, or the file's path."""
    return source.name if isinstance(source, Env) else source.path


def way_out(account: Account, status: int | None, method: str, path: str) -> str | None:
    """What to do about a request that gave nothing, as far as its status tells; None where only its words can."""
    if status in _REFUSED:
        scope = account.vendor.scope(method, path)
        allowed = f" The call needs a key with {scope}" if scope else ""
        return f"check {', '.join(_questions(account))}{allowed}"
    passes = status is None or status == _TOO_MANY or status >= _BROKEN
    return f"run it again when {account.vendor.name} answers" if passes else None


def signs_in(account: Account) -> str:
    """What an account is signed in with, and where: `the token from NAME (reconciler.yaml:5:3) in region eu`."""
    keys = " and ".join(f"the {name} from {given(account, name)}" for name in sources(account.settings))
    region = _region(account)
    return f"{keys} in {account.vendor.region_setting} {region}" if region else keys


def _region(account: Account) -> str | None:
    setting = account.vendor.region_setting
    return getattr(account.settings, setting, None) if setting and account.settings.url is None else None


def _questions(account: Account) -> Iterator[str]:
    settings, vendor = account.settings, account.vendor
    keys = " and ".join(f"the {name} from {given(account, name)}" for name in sources(settings))
    yield f"{keys}: is it right, not expired, allowed to do this"
    region = _region(account)
    if settings.url is not None:
        yield f"and of the account at {settings.url}?"
    elif region is not None:
        others = " or ".join(name for name in vendor.regions if name != region)
        yield f"and of an account in {vendor.region_setting} {region}, not {others}?"
    else:
        yield "and of this account?"
