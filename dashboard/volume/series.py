"""Volume by interval, complete: an interval without contacts is 0, one that was not or is not yet is not there.

Instants are placed by minutes of UTC, so that the hour the clocks are put back takes its place twice and the hour
they are put forward takes none; labels are of the reporting zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pandas as pd

from dashboard import format as text
from dashboard import words
from dashboard.volume import words as said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

QUARTER = timedelta(minutes=15)


def midnight(day: date, zone: str) -> datetime:
    """When a day begins in a zone, UTC."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def happens_twice(at: datetime, zone: str) -> bool:
    """Whether the clocks of the zone show this instant's time twice."""
    local = at.astimezone(ZoneInfo(zone))
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def clock(at: datetime, zone: str) -> str:
    """`02:15`; with the offset from UTC where the hour comes twice: `02:15+02:00`."""
    local = at.astimezone(ZoneInfo(zone))
    shown = f"{local:%H:%M}"
    if not happens_twice(at, zone):
        return shown
    offset = f"{local:%z}"
    return f"{shown}{offset[:3]}:{offset[3:]}"


def quarter_label(at: datetime, zone: str) -> str:
    """`Sun 25 Oct 2026, 02:15+02:00`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {text.day(local.date())}, {clock(at, zone)}"


def intervals(grain: str, first: date, end: date, zone: str, since: datetime | None, until: datetime) -> pd.DataFrame:
    """One row per interval of the days [first, end), from the first data (since) up to what is known (until).

    key: as a link names it; at, mid, until: minutes of UTC; label; so_far: it is not over.
    """
    rows = []
    for start, stop, key, label in _spans(grain, first, end, zone):
        if start >= until or (since is not None and stop <= since):
            continue
        at, over = _minutes(start), _minutes(stop)
        so_far = stop > until
        shown = f"{label} ({words.SO_FAR})" if so_far else label
        rows.append({"key": key, "at": at, "mid": (at + over) / 2, "until": over, "label": shown, "so_far": so_far})
    return pd.DataFrame(rows, columns=["key", "at", "mid", "until", "label", "so_far"])


def _spans(grain: str, first: date, end: date, zone: str) -> Iterable[tuple[datetime, datetime, str, str]]:
    if grain == "quarter":
        at, stop = midnight(first, zone), midnight(end, zone)
        while at < stop:
            yield at, at + QUARTER, quarter_key(at), quarter_label(at, zone)
            at += QUARTER
        return
    days = 7 if grain == "week" else 1
    for number in range((end - first).days // days):
        day = first + timedelta(days=days * number)
        label = text.week_days(day) if grain == "week" else f"{day:%a} {text.day(day)}"
        yield midnight(day, zone), midnight(day + timedelta(days=days), zone), day.isoformat(), label


def quarter_key(at: datetime) -> str:
    """`2026-10-25T00:15Z`."""
    return at.strftime("%Y-%m-%dT%H:%MZ")


def keyed(frame: pd.DataFrame, grain: str) -> pd.DataFrame:
    """The answer of the store with the key of each row's interval."""
    column = {"quarter": "starts_at", "day": "date", "week": "week_start"}[grain]
    stamps = [pd.Timestamp(value) for value in frame[column]]
    keys = [quarter_key(at.to_pydatetime()) if grain == "quarter" else at.date().isoformat() for at in stamps]
    return frame.assign(key=pd.Series(keys, index=frame.index, dtype=object))


def complete(frame: pd.DataFrame, grid: pd.DataFrame, lines: Sequence[str], columns: Sequence[str]) -> pd.DataFrame:
    """One row per interval and line; where nothing arrived 0. frame: keyed, with a column `line`."""
    if grid.empty:
        return grid.assign(line="", **dict.fromkeys(columns, 0.0))
    wanted = pd.MultiIndex.from_product([grid["key"], list(lines)], names=["key", "line"])
    there = frame.groupby(["key", "line"])[list(columns)].sum() if len(frame) else None
    values = there.reindex(wanted) if there is not None else pd.DataFrame(index=wanted, columns=list(columns))
    filled = values.astype("float64").fillna(0.0).reset_index()
    whole = grid.merge(filled, on="key", how="left").sort_values(["line", "at"], ignore_index=True)
    # The dashed end of a line: the interval that is not over and the one before it.
    last = whole.groupby("line")["so_far"].shift(-1)
    return whole.assign(at_end=whole["so_far"] | last.eq(True))


def days_without(frame: pd.DataFrame, first: date, end: date) -> list[date]:
    """Days of [first, end) on which nothing was offered, other than those of a weekday on which nothing ever is."""
    offered = {pd.Timestamp(day).date() for day, n in zip(frame["date"], frame["offered"], strict=True) if n > 0}
    busy = {day.weekday() for day in offered}
    days = [first + timedelta(days=n) for n in range((end - first).days)]
    return [day for day in days if day.weekday() in busy and day not in offered]


def daily_backlog(frame: pd.DataFrame, first: date, end: date, today: date) -> pd.DataFrame:
    """Backlog by day of [first, end): the most at once, and what was left at its end unless it is not over.

    A quiet day keeps what there was.
    """
    if frame.empty:
        return pd.DataFrame(columns=["date", "most", "at_end", "below"])
    dates = [pd.Timestamp(day).date() for day in frame["date"]]
    index = pd.Index([dates[0] + timedelta(days=n) for n in range((end - dates[0]).days)], name="date")
    days = frame.assign(date=dates).set_index("date").reindex(index)
    at_end = days["at_end"].astype("float64").ffill()
    carried = at_end.shift(1).fillna(0.0)
    most = days["most"].astype("float64").combine(carried, lambda a, b: b if pd.isna(a) else max(a, b))
    out = pd.DataFrame({"most": most, "at_end": at_end, "below": days["least"].astype("float64") < 0}).reset_index()
    out = out[out["date"] >= first].reset_index(drop=True)
    left = out["at_end"].clip(lower=0).where(pd.Series([day < today for day in out["date"]], index=out.index))
    return out.assign(most=out["most"].clip(lower=0), at_end=left)


def quarter_backlog(frame: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
    """Backlog at the end of each quarter-hour of the grid; a quiet one keeps what there was."""
    if frame.empty or grid.empty:
        return grid.assign(open=pd.Series(dtype="float64"), below=pd.Series(dtype=bool)).iloc[:0]
    starts = [pd.Timestamp(at).tz_localize("UTC").timestamp() / 60 for at in frame["starts_at"]]
    told = pd.DataFrame({"at": starts, "open": frame["open"].astype("float64")}).sort_values("at")
    whole = pd.merge_asof(grid.sort_values("at"), told, on="at").dropna(subset="open")
    return whole.assign(below=whole["open"] < 0, open=whole["open"].clip(lower=0)).reset_index(drop=True)


def clock_changes(first: date, end: date, zone: str) -> list[str]:
    """What a reader must know of the days of [first, end) on which the clocks are put forward or back."""
    notes = []
    for day in (first + timedelta(days=n) for n in range((end - first).days)):
        begins, over = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        hours = (over - begins) / timedelta(hours=1)
        if hours == 24:
            continue
        local = ZoneInfo(zone)
        marks = [begins + n * QUARTER for n in range(round((over - begins) / QUARTER) + 1)]
        offsets = [at.astimezone(local).utcoffset() for at in marks]
        change = next(n for n in range(1, len(marks)) if offsets[n] != offsets[n - 1])
        if hours > 24:
            last = [at for at in marks if happens_twice(at, zone)][-1] + QUARTER
            notes.append(said.DST_TWICE.format(day=text.day(day), hour=f"{last.astimezone(local):%H:%M}"))
        else:
            notes.append(said.DST_MISSING.format(day=text.day(day), hour=f"{marks[change].astimezone(local):%H:%M}"))
    return notes


def _minutes(at: datetime) -> float:
    return at.timestamp() / 60
