"""The HTML report in a real browser: searched, narrowed, by keyboard, in light and dark, and with 5,000 changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from reconciler.report.document import PlanDocument
from tests.browser.conftest import Show
from tests.report.test_formats import CHANGES, NASTY, change, document, field

MORE = [
    {
        **change("update", "latency"),
        "address": "datadog@eu/Monitor/latency",
        "fields": [field("query", NASTY, "avg > 4")],
    },
    {**change("delete", "old"), "address": "datadog@eu/Monitor/old"},
]


def plan(**more: Any) -> PlanDocument:
    references = {"opsgenie/Team/new": ["opsgenie/Team/same", "opsgenie/Team/drift"]}
    return document(**{"changes": [*CHANGES, *MORE], "references": references, **more})


def names(page: Page) -> list[str]:
    """The names of the changes that can be seen."""
    found: list[str] = page.eval_on_selector_all(
        ".change > summary .address b", "all => all.filter(one => one.checkVisibility()).map(one => one.textContent)"
    )
    return found


def button(page: Page, value: str) -> Any:
    return page.locator(f'[data-value="{value}"]')


def counts(page: Page) -> dict[str, str]:
    rows: dict[str, str] = page.eval_on_selector_all(
        "[data-filter]",
        "all => Object.fromEntries(all.map(one => [one.dataset.value, one.querySelector('.count').textContent]))",
    )
    return rows


def test_searching_and_narrowing(show: Show) -> None:
    everything = [one["address"].rpartition("/")[2] for one in [*CHANGES, *MORE]]
    with show(plan()) as page:
        assert names(page) == everything
        assert counts(page) == {
            "create": "1",
            "update": "3",
            "delete": "2",
            "adopt": "1",
            "blocked": "1",
            "doubtful": "1",
            "opsgenie": "7",
            "datadog@eu": "2",
        }
        button(page, "update").click()
        assert names(page) == ["drift", "nasty", "latency"]
        assert page.inner_text("#shown") == "3 of 9 shown"
        button(page, "datadog@eu").click()
        assert names(page) == ["latency"]
        assert (counts(page)["delete"], counts(page)["opsgenie"], counts(page)["create"]) == ("1", "2", "0")
        button(page, "delete").click()
        assert names(page) == ["latency", "old"]
        page.fill("#search", "AVG  query")
        expect(page.locator("#shown")).to_have_text("1 of 9 shown")
        assert names(page) == ["latency"]
        page.fill("#search", "nowhere to be found")
        expect(page.locator("#shown")).to_have_text("0 of 9 shown")
        page.click("#clear")
        assert names(page) == everything
        assert page.input_value("#search") == ""


def test_opening_closing_and_the_picture(show: Show) -> None:
    with show(plan()) as page:
        fields = page.locator("#c1 .field")
        assert fields.first.is_visible()
        page.click("#close-all")
        assert not fields.first.is_visible()
        button(page, "delete").click()
        page.click("#picture > summary")
        page.locator("#picture a", has_text="drift").click()
        expect(page.locator("#c1")).to_have_attribute("open", "")
        said = " ".join(fields.first.inner_text().split())
        assert said == "note theirs→ours drifted at the vendor · ops/drift.yaml:7"
        expect(page.locator("#c1")).to_be_in_viewport()
        assert len(names(page)) == 9


# The button or the change that a key would work on.
FOCUSED = """(() => {
  const one = document.activeElement;
  return one.dataset.value ?? (one.matches(".change > summary") ? one.parentElement.id : null);
})()"""


def test_by_keyboard_alone(show: Show) -> None:
    with show(plan()) as page:
        page.keyboard.press("/")
        page.keyboard.type("gone")
        expect(page.locator("#shown")).to_have_text("1 of 9 shown")
        page.keyboard.press("Escape")
        expect(page.locator("#shown")).to_have_text("9 shown")
        reached = []
        for _ in range(20):
            page.keyboard.press("Tab")
            reached.append(page.evaluate(FOCUSED))
            if reached[-1] == "c1":
                break
        assert [one for one in reached if one] == [*counts(page), "c0", "c1"]
        page.keyboard.press("Enter")
        assert not page.locator("#c1").evaluate("one => one.open")


def test_without_a_script_everything_can_be_read(show: Show) -> None:
    with show(plan(), java_script_enabled=False) as page:
        assert len(names(page)) == 9
        assert not page.locator("#controls").is_visible()
        assert page.locator("#c1 .field").is_visible()
        page.locator("#c1 > summary").click()
        assert not page.locator("#c1 .field").is_visible()


# The smallest contrast of any visible words with what lies behind them; half-clear backgrounds are taken for clear.
CONTRAST = """() => {
  const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor;
      if (color.startsWith("rgb(")) return numbers(color);
    }
  };
  let least = [99, ""];
  for (const one of document.querySelectorAll("body *")) {
    const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!words || one.closest("svg, script") || !one.checkVisibility()) continue;
    const pair = [light(numbers(getComputedStyle(one).color)), light(behind(one))].sort((a, b) => b - a);
    const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (contrast < least[0]) least = [contrast, one.outerHTML.slice(0, 90)];
  }
  return least;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_light_and_dark_wide_and_narrow(
    show: Show, scheme: Literal["light", "dark"], tmp_path: Path
) -> None:
    long = change("update", "x" * 90, why="w" * 300, fields=[field("f" * 80, "o" * 400, "n" * 40)])
    both = change("update", "b", fields=[field("note", 1, 2, "both", last=3)])
    warnings = [{"text": "v" * 200, "place": "ops/a.yaml:2:3"}]
    with show(plan(changes=[*CHANGES, *MORE, long, both], warnings=warnings), color_scheme=scheme) as page:
        page.click("#picture > summary")
        least, where = page.evaluate(CONTRAST)
        assert least >= 4.5, where
        brightness = sum(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"))
        assert brightness < 120 if scheme == "dark" else brightness > 700
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.screenshot(path=tmp_path / f"{scheme}-{width}.png")


def test_5000_changes_stay_usable(show: Show) -> None:
    many = [change("update", f"t{number}", fields=[field("note", f"old {number}", "new")]) for number in range(4_999)]
    with show(plan(changes=[*many, CHANGES[3]])) as page:
        assert page.inner_text("#shown") == "5,000 shown"
        page.fill("#search", "old 4321")
        expect(page.locator("#shown")).to_have_text("1 of 5,000 shown")
        assert names(page) == ["t4321"]
        page.fill("#search", "")
        expect(page.locator("#shown")).to_have_text("5,000 shown")
        button(page, "delete").click()
        assert names(page) == ["gone"]
        page.click("#clear")
        page.click("#open-all")
        assert page.locator("#c0 .field").is_visible()
