"""Facts the contact fold leaves out (surveys, evaluations, agents, chat messages, incidents), each in its own table.

They are read from the raw events once, so that a question about a year does not read all events, and so that they
stay when retention removes the raw events.
"""

from __future__ import annotations

import duckdb

_ENVELOPE = "site, {subject} event_id, coalesce(revision, 0) as revision, occurred_at, content_hash, batch"

SIDE_FACTS = {
    "survey": (
        "contact.surveyed",
        "subject as contact_id,",
        "data->>'instrument' as instrument, (data->>'score')::double as score, "
        "(data->>'scale_min')::double as scale_min, (data->>'scale_max')::double as scale_max",
    ),
    "evaluation": (
        "contact.evaluated",
        "subject as contact_id,",
        "data->>'evaluator' as evaluator, data->>'evaluation_id' as evaluation_id, data->>'form' as form, "
        "(data->>'score')::double as score, (data->>'max_score')::double as max_score, "
        "coalesce((data->'critical_errors')::varchar[], []) as critical_errors, "
        "data->>'calibration_id' as calibration_id",
    ),
    "agent_change": (
        "agent.state_changed",
        "subject as agent_id,",
        "data->>'state' as state, data->>'reason' as reason, data->>'team' as team, "
        "(data->>'slots')::bigint as slots",
    ),
    "chat_message": (
        "chat.message",
        "subject as contact_id,",
        "data->>'sender' as sender, data->>'agent_id' as agent_id",
    ),
    "incident": (
        "site.incident_reported",
        "",
        "data->>'incident_id' as incident_id, data->>'kind' as kind, data->>'severity' as severity, "
        "data->>'description' as description, coalesce((data->>'ended')::boolean, false) as ended",
    ),
}  # fmt: skip
"""By table: the type of event, what its subject is, and its own columns out of the event's data."""


_BEATS = "(i.revision, i.occurred_at, i.content_hash) > (x.revision, x.occurred_at, x.content_hash)"
"""Which of two events of one id counts: of the higher revision, then the later. Never the order they came in."""


def fill(connection: duckdb.DuckDBPyConnection, after: int, upto: int) -> int:
    """Add what the events of the batches (after, upto] say, and count them by quarter-hour.

    Use within a transaction. Returns how many facts.
    """
    run, added = connection.execute, 0
    for table, (wire, subject, columns) in SIDE_FACTS.items():
        run(
            f"create or replace temp table incoming as select {_ENVELOPE.format(subject=subject)}, {columns} "
            "from private.event where batch > $after and batch <= $upto and type = $wire "
            "qualify row_number() over (partition by site, event_id "
            "order by revision desc, occurred_at desc, content_hash desc) = 1",
            {"after": after, "upto": upto, "wire": wire},
        )
        # The same id again is a correction or a mistake; both are rare, and near the first in time unless revised. The
        # correction may be there before what it corrects.
        run(
            f"""
            create or replace temp table told_before as
            select i.site, i.event_id, {_BEATS} as beaten
            from temp.incoming i
            join private.{table} x on x.site = i.site and x.event_id = i.event_id
            where x.revision > 0 or (select bool_or(revision > 0) from temp.incoming) or x.occurred_at between
                (select min(occurred_at) - interval 1 day from temp.incoming)
                and (select max(occurred_at) + interval 1 day from temp.incoming)
            """
        )
        if run("select count(*) from temp.told_before where beaten").fetchall()[0][0]:
            run(
                f"delete from private.{table} where (site, event_id) in "
                "(select (site, event_id) from temp.told_before where beaten)"
            )
        added += int(
            run(
                f"insert into private.{table} by name select * from temp.incoming "
                "anti join (from temp.told_before where not beaten) using (site, event_id)"
            ).fetchall()[0][0]
        )
    run("drop table temp.incoming")
    run("drop table temp.told_before")
    run(
        "insert into private.event_quarter select site, epoch_us(occurred_at) // 900000000, count(*) "
        "from private.event where batch > $after and batch <= $upto group by all",
        {"after": after, "upto": upto},
    )
    return added
