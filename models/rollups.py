"""Sums by day that are kept beside the contacts, so that a question about a year reads days and not contacts.

Each has a table `private.day_NAME` of builds of days, a macro `scan_NAME(from_at, to_at)` that makes the same rows from
the contacts themselves (what a day holds, and what it is tested against), and a view `day_NAME` that readers use:
the latest build of each day. Those that know the same dimensions stand together in `day_sums`, and added up by week in
`week_sums`, which has a row where the days have twenty.
"""

from __future__ import annotations

from dataclasses import dataclass

MIXED = ("site", "queue", "channel", "language", "topic", "band")
"""What sums of `day_sums` and `week_sums` are kept by, besides the day or week."""
WEEK = "(date - (isodow(date) - 1)::integer)"
"""First day of the week of a date, as SQL."""


@dataclass(frozen=True)
class Rollup:
    """has_today: days that are not over have a table of their own, `private.today_NAME`, made anew every few seconds.

    The others are made again every few minutes: answers of customers, evaluations and repeats come days after their
    contact anyway. looks_ahead_days: how long after a day what happens can change it; looks_back_days: how long before
    it. mixed: has the columns MIXED. needs: the table of facts without which there is nothing to add up.
    """

    name: str
    comment: str
    has_today: bool = False
    looks_ahead_days: int = 0
    mixed: bool = True
    needs: str = ""
    looks_back_days: int = 0

    @property
    def table(self) -> str:
        """The table of its builds of days."""
        return f"private.day_{self.name}"

    @property
    def today_table(self) -> str:
        """The table of its builds of the days that are not over."""
        return f"private.today_{self.name}"


ROLLUPS = (
    Rollup("arrivals", "Sums on the arrival clock by day: volume, outcomes, waits.", has_today=True),
    Rollup("completions", "Sums on the completion clock by day: handling, transfers.", has_today=True),
    Rollup("waits", "How long contacts waited, by day, in bins: wait_bin_end_s(bin).", has_today=True, mixed=False),
    Rollup("quarters", "Volume by quarter-hour of UTC (starts_at).", has_today=True, mixed=False),
    Rollup("agents", "Time of agents by state and team, by day; of chats they held.", mixed=False),
    Rollup("turns", "Answers in chats by day.", needs="chat_message"),
    Rollup("surveys", "Survey answers by the day of their contact.", needs="survey"),
    Rollup("evaluations", "Quality evaluations by the day of their contact.", needs="evaluation"),
    Rollup("repeats", "Repeat contacts by the day of the first contact.", looks_ahead_days=39),
    Rollup("work", "What agents handled, by the day it was over.", mixed=False),
    Rollup(
        "billing",
        "What charges by contact and minute are paid for, by day.",
        mixed=False,
        needs="charge_rule",
        looks_back_days=15,
    ),
    Rollup("hours", "Time that charges by hour and agent are paid for, by day.", mixed=False, needs="charge_rule"),
    Rollup("issues", "Contacts by the issue they belong to, by day.", mixed=False, looks_back_days=39),
    Rollup("teams", "Outcomes by the team of the agent, by the day of the contact.", looks_ahead_days=39, mixed=False),
)


VIEWS = (*(f"day_{rollup.name}" for rollup in ROLLUPS), "day_sums", "week_sums")


def view_sql() -> list[str]:
    """Statements that create the readers' views, in order.

    What they have in common is written out in each and not a view of its own: binding those took half of the time a
    question about all sums takes.
    """
    statements = [_NOW]
    for rollup in ROLLUPS:
        body = (
            f"select d.* exclude (build) from {rollup.table} d\nsemi join (\n"
            "    select date, max(build) as build from private.rolled_day\n"
            f"    where of_table = '{rollup.name}' group by date\n"
            ") n on n.build = d.build and n.date = d.date"
        )
        if rollup.has_today:
            body += f"\nwhere d.date < {_UNTIL}\nunion all by name\n{_of_today(rollup)}"
        statements.append(f"create or replace view day_{rollup.name} as\n{body};")
    statements += [_sums_sql(), _WEEKS]
    statements += [f"comment on view day_{rollup.name} is '{rollup.comment}';" for rollup in ROLLUPS]
    statements.append(
        "comment on view day_sums is 'Sums by day of the reporting zone, site, queue, channel, language, topic, "
        "part of the day; metrics are computed from them. One or more rows each, to be summed.';"
    )
    statements.append(
        "comment on view week_sums is 'The sums of day_sums by week of the reporting zone (Monday to Sunday), site, "
        "queue, channel, language, topic, part of the day: quicker over many weeks. One or more rows each, to be "
        "summed.';"
    )
    return statements


_IN_SUMS = tuple(rollup for rollup in ROLLUPS if rollup.mixed)
_NAMES = ", ".join(f"'{rollup.name}'" for rollup in _IN_SUMS)


def _sums_sql() -> str:
    """All sums that know the same dimensions, with one look at which build of a day counts."""
    days = "\n    union all by name\n    ".join(
        f"select '{rollup.name}' as of_table, * from {rollup.table}"
        + (f" where date < {_UNTIL}" if rollup.has_today else "")
        for rollup in _IN_SUMS
    )
    today = "".join(f"\nunion all by name\n{_of_today(rollup)}" for rollup in _IN_SUMS if rollup.has_today)
    return (
        f"create or replace view day_sums as\nselect d.* exclude (build, of_table) from (\n    {days}\n) d\n"
        "semi join (select of_table, date, max(build) as build from private.rolled_day group by of_table, date) n\n"
        f"using (of_table, build, date){today};"
    )


def _of_today(rollup: Rollup) -> str:
    return f"select * exclude (build) from {rollup.today_table} where build = {_TODAY_BUILD}"


_UNTIL = (
    "(select coalesce(arg_max(until_date, build), date '1900-01-01') from private.rolled_up where kind = 'contacts')"
)
_TODAY_BUILD = "(select coalesce(arg_max(today_build, build), -1) from private.rolled_up where kind = 'contacts')"
STALE_WEEKS = f"""
    with days as (
        select {WEEK} as week_start, max(build) as build
        from private.rolled_day
        where of_table in ({_NAMES})
        group by all
    ),
    weeks as (select week_start, max(build) as build from private.rolled_week group by all)
    select week_start
    from days
    left join weeks using (week_start)
    where week_start + 7 <= (select until_date from private.rolled_until)
        and (weeks.build is null or weeks.build <= days.build)
"""
"""Weeks that are over and not added up since a day of theirs was made."""
_WEEKS = """
create or replace view week_sums as
select w.* exclude (build)
from private.week_sums w
semi join (
    select week_start, max(build) as build
    from private.rolled_week
    where week_start < (select coalesce(arg_max(open_from, build), date '1900-01-01') from private.rolled_open_weeks)
    group by week_start
) n using (week_start, build)
union all by name
select w.* exclude (build)
from private.open_week_sums w
semi join (select max(build) as build from private.rolled_open_weeks) n using (build);
"""
_NOW = """
create or replace view private.rolled_until as
select
    coalesce(arg_max(until_date, build), date '1900-01-01') as until_date,
    coalesce(arg_max(until_at, build), timestamp '1900-01-01') as until_at,
    coalesce(arg_max(today_build, build), -1) as today_build
from private.rolled_up
where kind = 'contacts';
create or replace view private.rolled_now as
select of_table, date, max(build) as build from private.rolled_day group by of_table, date;
"""
