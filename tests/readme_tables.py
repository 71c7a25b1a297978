"""The tables of the README that are made from the code."""

from __future__ import annotations

import duckdb
from pydantic import BaseModel, SecretStr

from models import schema
from models.alerts.live import LIVE_METRICS
from models.alerts.rule import QuietHours, Rule, Scope
from models.metrics.catalogue import CATALOGUE, MISSING
from models.settings import PlanSettings, ReportedLevel, Settings, SiteSettings, TopicSettings

_NOT_OF_LIVE_RULES = {(Rule, "name"), (Rule, "scope"), (Rule, "periods"), (Rule, "quiet")}
"""The key of the table is the name; two have tables of their own; live figures have no periods."""


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
    """Every table macro with its arguments and comment."""
    db = store()
    rows = db.execute(
        "select function_name, parameters, comment from duckdb_functions() "
        "where function_type = 'table_macro' and not internal"
    ).fetchall()
    told = {name: (", ".join(arguments), comment) for name, arguments, comment in rows}
    lines = [f"| `{name}({told[name][0]})` | {told[name][1]} |" for name in schema.macro_comments()]
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
    """Every key of a site's, a topic's and the plan's table in the settings file."""
    keys: list[tuple[str, type[BaseModel]]] = [
        ("sites.ID", SiteSettings), ("sites.ID.reports", ReportedLevel), ("topics.CODE", TopicSettings),
        ("plan", PlanSettings),
        ("alerts.NAME", Rule), ("alerts.NAME.scope", Scope), ("[alerts.NAME.quiet]", QuietHours),
    ]  # fmt: skip
    rows = [
        f"| `[{table}]` | `{name}` | {field.description} |"
        for table, model in keys
        for name, field in model.model_fields.items()
        if (model, name) not in _NOT_OF_LIVE_RULES
    ]
    return "\n".join(["| table | key | what it is |", "|---|---|---|", *rows])


def alerts_table() -> str:
    """Every live figure a rule may watch."""
    rows = [f"| `{metric.name}` | {metric.unit} | {metric.sentence} |" for metric in LIVE_METRICS]
    return "\n".join(["| figure | unit | what it is |", "|---|---|---|", *rows])
