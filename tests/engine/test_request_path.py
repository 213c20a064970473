"""Paths of requests are filled in from templates; what is empty in a template's query is left out."""

import pytest

from reconciler.engine.access import fill_path, fill_query


@pytest.mark.parametrize(
    ("template", "values", "path", "query"),
    [
        ("/v2/teams/{team}/rules/{id}", {"team": "a/b", "id": "ä"}, "/v2/teams/a%2Fb/rules/%C3%A4", ()),
        ("/v2/policies/{id}?teamId={team}", {"team": "a&b", "id": "p"}, "/v2/policies/p", (("teamId", "a&b"),)),
        ("/v2/policies/{id}?teamId={team}", {"id": "p"}, "/v2/policies/p", ()),
        ("/v2/policies/{id}?teamId={team}&x=1", {"id": "p", "team": ""}, "/v2/policies/p", (("x", "1"),)),
    ],
)
def test_a_template_is_filled_in(
    template: str, values: dict[str, str], path: str, query: tuple[tuple[str, str], ...]
) -> None:
    assert (fill_path(template, values), fill_query(template, values)) == (path, query)
