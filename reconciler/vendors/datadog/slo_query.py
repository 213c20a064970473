"""SloQuery: what a service level objective counts: a quotient, good and other events, or slices of time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Keyed, NoClear, Unordered
from reconciler.kinds.spec import Spec

_NEVER = NoClear("write another one")


class Quotient(Spec):
    """Good events over all of them."""

    numerator: Annotated[
        str | None, _NEVER, Field(min_length=1, description="the good events, sum:ok{service:a}.as_count()")
    ] = None
    denominator: Annotated[
        str | None, _NEVER, Field(min_length=1, description="all events, sum:all{service:a}.as_count()")
    ] = None


class Formula(Spec):
    """A formula over queries."""

    formula: Annotated[str | None, _NEVER, Field(min_length=1, description="the formula, by the queries' names")] = None


class NamedQuery(Spec):
    """A query of metrics."""

    name: Annotated[str | None, Field(min_length=1, description="what formulas call it")] = None
    data_source: Annotated[
        Literal["metrics", "cloud_cost"] | None, _NEVER, Field(description="what is asked: metrics")
    ] = None
    query: Annotated[str | None, _NEVER, Field(min_length=1, description="the query")] = None
    aggregator: Annotated[str | None, Field(description="how points become one number")] = None
    semantic_mode: Annotated[str | None, Field(description="how groups are put together: combined or native")] = None


Queries = Annotated[list[NamedQuery] | None, Keyed(("name",)), _NEVER, Field(min_length=1, description="the queries")]


class SliceQuery(Spec):
    """What is looked at in a slice."""

    formulas: Annotated[
        list[Formula] | None,
        Unordered(),
        _NEVER,
        Field(min_length=1, max_length=1, description="the one formula that is compared"),
    ] = None
    queries: Queries = None


class TimeSlice(Spec):
    """Slices of time that are good or not."""

    query: Annotated[SliceQuery | None, _NEVER, Field(description="what is looked at")] = None
    comparator: Annotated[
        Literal[">", ">=", "<", "<="] | None, _NEVER, Field(description="how it is compared for a good slice")
    ] = None
    threshold: Annotated[int | float | None, _NEVER, Field(description="what with")] = None
    query_interval_seconds: Annotated[
        Literal[60, 300] | None, _NEVER, Field(description="how long a slice is: 60 or 300")
    ] = None


class Count(Spec):
    """Events that are good, and all of them or the bad ones."""

    good_events_formula: Annotated[Formula | None, _NEVER, Field(description="the good events")] = None
    total_events_formula: Annotated[Formula | None, _NEVER, Field(description="all events")] = None
    bad_events_formula: Annotated[Formula | None, _NEVER, Field(description="the bad events")] = None
    queries: Queries = None

    @model_validator(mode="after")
    def _all_or_bad(self) -> Count:
        if self.total_events_formula is not None and self.bad_events_formula is not None:
            raise PydanticCustomError("events", "write either total_events_formula or bad_events_formula")
        return self


class SliSpecification(Spec):
    """What is counted, in the form of Datadog's formulas."""

    time_slice: Annotated[TimeSlice | None, _NEVER, Field(description="of type time_slice")] = None
    count: Annotated[Count | None, _NEVER, Field(description="of type metric, in the place of query")] = None

    @model_validator(mode="after")
    def _one_form(self) -> SliSpecification:
        if self.time_slice is not None and self.count is not None:
            raise PydanticCustomError("form", "write either time_slice or count")
        return self
