"""The sentences of a week's pack. It is rendered with everything escaped, so names may stand in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import format as text
from dashboard.figures import shown
from models.metrics.catalogue import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    import pandas as pd

BUTTON = "Pack of the week"
BUTTON_HELP = "One HTML file with scorecard, charts, notes and definitions. It opens anywhere and prints on A4."
WEEK = "Week of the pack"
ALL = "All sites"
PROVISIONAL_MARK = "p"
PROVISIONAL_KEY = "p: provisional, what is still to come can change it."
CHANGE_KEY = "Change to the week before; ▲ better, ▼ worse, by the direction of the figure."
NO_CHANGES = "No figure of this week changed after the week was closed."
NO_GAPS = "No gap of a feed is known in this week."
GAPS_FORGOTTEN = "Gaps of feeds are kept for 8 days; those before are not known any more."
NOT_OVER = "This week is not over."
SMALL_N = "The small number beside a ratio is its n."
DAYS = "Days and weeks (Monday to Sunday) in"
NO_FILTERS = "All contacts of all sites."


def title(week: date) -> str:
    """The pack's title."""
    return f"Week {text.week(week)}"


def running_head(week: date, zone: str, as_of: str, *, demo: bool) -> str:
    """What stands at the top of every printed page. Constant words, dates and the zone's validated name only."""
    mark = " · DEMO DATA" if demo else ""
    return f"Backstop · {text.week(week)} · {zone} · as of {as_of}{mark}"


def as_of(contacts: datetime | None, answers: datetime | None, now: datetime, zone: str) -> str:
    """The older of both kinds of sums: nothing here is younger."""
    known = [instant for instant in (contacts, answers) if instant]
    return text.moment(min(known) if known else now, zone)


def headline(row: pd.Series, sites: int) -> list[str]:
    """The week in a few sentences, of all sites together."""

    def value(name: str) -> str | None:
        found = row.get(name)
        return None if found is None or text.is_missing(found) else shown.value(BY_NAME[name], float(found))

    lines = []
    offered = value("offered")
    if offered:
        plural = "site" if sites == 1 else "sites"
        line = f"{offered} contacts came to {sites} {plural}"
        level, lost = value("service_level"), value("abandonment_rate")
        line += f"; the service level was {level}" if level else ""
        line += f", {lost} gave up" if lost else ""
        lines.append(f"{line}.")
    solved, csat, accuracy = (value(name) for name in ("first_contact_resolution", "csat", "critical_accuracy_client"))
    parts = []
    if solved:
        parts.append(f"{solved} were solved at first contact")
    if csat:
        parts.append(f"{csat} of those who answered were satisfied (n = {text.count(row['csat_n'])})")
    if accuracy:
        parts.append(f"{accuracy} of evaluated contacts had no critical error")
    if parts:
        sentence = ", ".join(parts)
        lines.append(f"{sentence[:1].upper()}{sentence[1:]}.")
    return lines


def gaps(name: str, starts: datetime | None, minutes: float, count: int, zone: str, *, running: bool) -> str:
    """The stretches in which a site sent nothing although it was open."""
    span = text.duration(60 * minutes)
    when = f"from {text.moment(starts, zone)} on for {span}" if count == 1 else f"in {count} stretches, {span} together"
    until = ", and it goes on" if running else ""
    return f"{name} sent nothing although it was open, {when}{until}: its figures of that time are unknown, not zero."


def provisional(labels: Sequence[str]) -> str:
    """Which figures are not final."""
    return f"Provisional, because later contacts, answers and evaluations still change them: {', '.join(labels)}."


def demo(sites: Sequence[str], *, only: bool) -> str:
    """Who made the data."""
    return (
        "Demo data: a simulator made all of it." if only else f"Demo data: a simulator made that of {', '.join(sites)}."
    )


def file_name(week: date, *, demo: bool) -> str:
    """The file's name."""
    return f"backstop-pack-{text.week(week)}{'-demo' if demo else ''}.html"
