"""The tables of the README that are made from the code."""

from __future__ import annotations

import duckdb
from pydantic import BaseModel, SecretStr

from models import schema
from models.settings import Settings, SiteSettings, TopicSettings


def views_table() -> str:
    """Every view of the store with its comment."""
    db = duckdb.connect()
    for step in schema.migrations():
        db.execute(step.sql)
    for statement in schema.reader_sql():
        db.execute(statement)
    comments = dict(db.execute("select view_name, comment from duckdb_views() where not internal").fetchall())
    return "\n".join(["| view | what it holds |", "|---|---|", *(f"| `{v}` | {comments[v]} |" for v in schema.VIEWS)])


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
    keys: list[tuple[str, type[BaseModel]]] = [("sites.ID", SiteSettings), ("topics.CODE", TopicSettings)]
    rows = [
        f"| `[{table}]` | `{name}` | {field.description} |"
        for table, model in keys
        for name, field in model.model_fields.items()
    ]
    return "\n".join(["| table | key | what it is |", "|---|---|---|", *rows])
