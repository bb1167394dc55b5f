"""A small hand for writing event logs by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from simulator.records.events.codes import Kind, Origin, Outcome, Reason, Way
from simulator.records.events.ids import record_ids
from simulator.records.events.log import EventLog, Facts


class Story:
    """What happened in a made-up market; told in any order, written to a log day by day."""

    def __init__(
        self, n_consumers: int = 10, n_prospects: int = 5, days: int = 200, burn_in_days: int = 0, n_products: int = 4
    ) -> None:
        self.facts = Facts(
            seed=1,
            n_consumers=n_consumers,
            n_prospects=n_prospects,
            n_merchants=1,
            n_products=n_products,
            days=days,
            burn_in_days=burn_in_days,
            campaign_end=days,
            catalogue=(n_products,),
        )
        self._rows: list[tuple[int, str, dict[str, Any]]] = []
        self._used: Counter[tuple[Kind, int, int]] = Counter()

    def tell(self, table: str, day: int, **fields: Any) -> None:
        self._rows.append((day, table, fields))

    def identified(self, kind: Kind, table: str, consumer: int, day: int, **fields: Any) -> int:
        ordinal = self._used[kind, day, consumer]
        self._used[kind, day, consumer] += 1
        record = int(record_ids(kind, day, consumer, ordinal))
        self.tell(table, day, id=record, consumer=consumer, **fields)
        return record

    def order(
        self,
        consumer: int,
        day: int,
        *,
        settled_on: int | None = -1,
        outcome: Outcome = Outcome.SETTLED,
        way: Way = Way.ALONE,
        reason: Reason = Reason.NEED,
        **fields: Any,
    ) -> int:
        """An order, settled the same day unless told otherwise (None: still open at the end)."""
        order = self.identified(Kind.ORDER, "orders", consumer, day, way=way, reason=reason, **fields)
        if settled_on is not None:
            settled_on = day if settled_on == -1 else settled_on
            self.tell("settlements", settled_on, cause=order, consumer=consumer, outcome=outcome)
        return order

    def invitation(
        self,
        inviter: int,
        invitee: int,
        day: int,
        *,
        outcome: Outcome = Outcome.READ,
        wave: int = 0,
        origin: Origin = Origin.GROUP_BUYING,
    ) -> int:
        return self.identified(
            Kind.INVITATION,
            "invitations",
            inviter,
            day,
            wave=wave,
            invitee=invitee,
            outcome=outcome,
            origin=origin,
        )

    def join(self, *consumers: int, day: int = 0) -> None:
        for consumer in consumers:
            self.tell("joins", day, consumer=consumer)

    def days_of(self, log: EventLog) -> Any:
        """Write the story into an empty log; yields each day once it is written."""
        bought: set[int] = set()
        for day in range(self.facts.days):
            log.open_day()
            for _, table, fields in (row for row in self._rows if row[0] == day):
                told = dict(fields)
                if table == "settlements" and told["outcome"] == Outcome.SETTLED:
                    told["is_first"] = told["consumer"] not in bought
                    bought.add(told["consumer"])
                log.append(table, 1, day=day, **told)
            yield day

    def log(self) -> EventLog:
        log = EventLog(self.facts)
        for _ in self.days_of(log):
            pass
        return log


@pytest.fixture(scope="session")
def new_story() -> type[Story]:
    return Story
