"""The tables of the README that are made from the code."""

from __future__ import annotations

import duckdb
from pydantic import BaseModel, SecretStr

from models import schema
from models.metrics.catalogue import CATALOGUE, MISSING
from models.settings import ReportedLevel, Settings, SiteSettings, TopicSettings


def store() -> duckdb.DuckDBPyConnection:
    """An empty store."""
    db = duckdb.connect()
    for step in schema.migrations():
        db.execute(step.sql)
    for statement in schema.reader_sql():
        db.execute(statement)
    return db


def views_table() -> str:
    """Every view of the store with its comment."""
    db = store()
    comments = dict(db.execute("select view_name, comment from duckdb_views() where not internal").fetchall())
    return "\n".join(["| view | what it holds |", "|---|---|", *(f"| `{v}` | {comments[v]} |" for v in schema.VIEWS)])


def macros_table() -> str:
    """Every macro over a span of time with its comment."""
    db = store()
    rows = db.execute(
        "select function_name, comment from duckdb_functions() where function_type = 'table_macro' and not internal"
    ).fetchall()
    comments = dict(rows)
    lines = [f"| `{name}(from_at, to_at)` | {comments[name]} |" for name in schema.ROLLUP_MACROS]
    return "\n".join(["| macro | what it gives |", "|---|---|", *lines])


def metrics_table() -> str:
    """Every metric of the catalogue, and those the events cannot carry."""
    lines = []
    for metric in CATALOGUE:
        sql = f"{metric.numerator} / ({metric.denominator})" if metric.denominator else metric.numerator
        lines.append(f"| `{metric.name}` | {metric.label} | {metric.clock} | `{sql}` |")
    lines += [f"| | {missing.label} | | needs {missing.needs} |" for missing in MISSING]
    return "\n".join(["| metric | what it is called | clock | over sums of `day_sums` |", "|---|---|---|---|", *lines])


def settings_table() -> str:
    """Every setting with its default and description."""
    lines = ["| environment variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None or field.default_factory else str(field.default)
        if isinstance(field.default, SecretStr):
            default = ""
        shown = f"`{default}`" if default else ""
        lines.append(f"| `BACKSTOP_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)


def site_table() -> str:
    """Every key of a site's and of a topic's table in the settings file."""
    keys: list[tuple[str, type[BaseModel]]] = [
        ("sites.ID", SiteSettings), ("sites.ID.reports", ReportedLevel), ("topics.CODE", TopicSettings)
    ]  # fmt: skip
    rows = [
        f"| `[{table}]` | `{name}` | {field.description} |"
        for table, model in keys
        for name, field in model.model_fields.items()
    ]
    return "\n".join(["| table | key | what it is |", "|---|---|---|", *rows])
