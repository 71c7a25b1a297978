"""The weeks as a table to read and as a CSV file to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard import format as text
from dashboard import words
from dashboard.charts import is_so_far

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from dashboard.queries import Status

HEADINGS = {
    "offered": "Offered",
    "answered": "Answered",
    "abandoned": "Abandoned",
    "left_queue": "Left otherwise",
    "service_level": "Service level",
    "abandonment_rate": "Abandonment",
    "average_speed_of_answer_s": "Speed of answer",
    "average_handle_time_s": "Handle time",
}
FORMATS = {"share": "%.1f%%", "seconds": "%,.0f s", "contacts": "%,d"}
COLUMNS = (
    "offered",
    "answered",
    "abandoned",
    "left_queue",
    "service_level",
    "service_level_n",
    "abandonment_rate",
    "average_speed_of_answer_s",
    "average_handle_time_s",
    "handled",
)


def table(frame: pd.DataFrame, names: Mapping[str, str], today: date) -> pd.DataFrame:
    """The rows as shown: newest first, shares in percent. Streamlit lets readers take this table away too."""
    rows = ordered(frame, names)
    shown = pd.DataFrame(
        {
            "week": [
                text.week(start)
                + f"  {start.day} {start:%b}"
                + (f" · {words.SO_FAR}" if is_so_far(start, today) else "")
                for start in rows["week_start"]
            ],
            "site": [
                names.get(site, site) + (f" · {words.DEMO_MARK}" if simulated else "")
                for site, simulated in zip(rows["site"], rows["simulated"], strict=True)
            ],
        }
    )
    for column in COLUMNS:
        values = rows[column].to_numpy(dtype="float64", na_value=float("nan"))
        shown[column] = values * 100 if column in ("service_level", "abandonment_rate") else values
    return shown


def csv(frame: pd.DataFrame, names: Mapping[str, str], now: Status) -> bytes:
    """The same rows with ids, ISO dates and plain numbers; what is missing is an empty cell."""
    rows = ordered(frame, names)
    out = pd.DataFrame(
        {
            "week": [text.week(start) for start in rows["week_start"]],
            "week_start": [start.isoformat() for start in rows["week_start"]],
            "week_complete": [not is_so_far(start, now.today) for start in rows["week_start"]],
            "time_zone": now.reporting_zone,
            "site": [_cell(site) for site in rows["site"]],
            "site_name": [_cell(names.get(site, site)) for site in rows["site"]],
            "simulated": rows["simulated"].to_numpy(),
            "service_level_within_s": now.service_level_s,
        }
    )
    for column in COLUMNS:
        out[column] = rows[column].to_numpy()
    return out.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def file_name(frame: pd.DataFrame) -> str:
    """The name of the CSV file; it says so when it holds simulated sites."""
    return f"backstop-weeks{'-demo' if frame['simulated'].any() else ''}.csv"


def plain_csv(frame: pd.DataFrame, simulated: Collection[str]) -> bytes:
    """Rows of a view as they are: UTC instants in ISO 8601, lists left out, and whether a simulator made each."""
    out = pd.DataFrame(index=frame.index)
    for column in frame.columns:
        values = frame[column]
        if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
            out[column] = values.dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        elif any(isinstance(value, Sequence | np.ndarray) and not isinstance(value, str) for value in values):
            continue
        else:
            out[column] = [_cell(value) if isinstance(value, str) else value for value in values]
    if "site" in frame:
        out["simulated"] = frame["site"].isin(list(simulated))
    return out.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def plain_file_name(what: str, frame: pd.DataFrame, simulated: Collection[str]) -> str:
    """The name of such a file; it says so when it holds simulated sites."""
    demo = bool(simulated) and ("site" not in frame or frame["site"].isin(list(simulated)).any())
    return f"backstop-{what}{'-demo' if demo else ''}.csv"


def ordered(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The rows in the order of the table: newest week first, sites by name."""
    named = frame.assign(_name=[names.get(site, site).casefold() for site in frame["site"]])
    rows = named.sort_values(["week_start", "_name", "site"], ascending=[False, True, True])
    return rows.drop(columns="_name").reset_index(drop=True)


def _cell(value: str) -> str:
    # A spreadsheet runs a cell that begins like a formula; the apostrophe makes it text again.
    return "'" + value if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
