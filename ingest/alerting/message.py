"""What a notification says. Names come from sites, queues and people: none of them can be more than text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.alerts.live import LIVE_BY_NAME
from models.settings import Settings

_LONGEST_NAME = 80
_POOLS_SHOWN = 5
_MARKUP = "!\"#$&'*+./:;<=>?@[\\]^_`{|}~"
_AS_LETTERS = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in _MARKUP})
"""Full-width forms: they read the same, and nobody takes them for a link, a mention or emphasis."""


@dataclass(frozen=True, slots=True)
class Message:
    """One notification. title: a line; lines: the rest; plain_title: the title where a receiver may look for markup.

    at: when it happened (UTC). key: the same for every attempt at this notification, and for no other one.
    """

    episode: str
    event: str
    title: str
    plain_title: str
    lines: tuple[str, ...]
    at: datetime

    @property
    def key(self) -> str:
        """By which a receiver tells a repeat."""
        return f"{self.episode}-{self.event}"


def message(about: Mapping[str, Any], settings: Settings) -> Message:
    """Of the row of an event, by column, as `outbox` reads it. Instants are UTC without a zone."""
    at = about["at"].replace(tzinfo=UTC)
    metric = LIVE_BY_NAME.get(about["metric"])
    label, unit = (metric.label, metric.unit) if metric else (about["metric"], "")
    where = _where(about, settings)
    event = about["event"]
    if event == "cleared":
        since = about["opened_at"]
        lasted = f" after {duration((at.replace(tzinfo=None) - since).total_seconds())}" if since else ""
        begins, ends = f"Cleared{lasted}: {label}", ""
    else:
        begins = f"Alert: {label}"
        ends = f" is {amount(about['value'], unit)}, {about['direction']} {amount(about['threshold'], unit)}"
    lines = [f"Rule {clean(about['rule'])}, {_when(at, settings)}"]
    if event == "told":
        lines.append(f"Open since {_when(about['opened_at'].replace(tzinfo=UTC), settings)}, through the quiet hours")
    if event == "cleared" and about["note"]:
        lines.append(f"Because {clean(about['note'], 200)}")
    if event == "cleared" and about["value"] is not None:
        lines.append(f"It is {amount(about['value'], unit)} now")
    if metric is not None and unit == "share" and about["n"]:
        lines.append(f"Of {about['n']:,.0f} {metric.about}")
    lines += _could_take(about["could_take"], settings)
    lines.append(f"Episode {about['episode']}")
    title = f"{begins} at {where}{ends}"
    plain = f"{begins} at {where.translate(_AS_LETTERS)}{ends}"
    return Message(about["episode"], event, title, plain, tuple(lines), at)


def clean(text: str, longest: int = _LONGEST_NAME) -> str:
    """One line without control, formatting or direction characters, cut where it is too long."""
    kept = "".join(" " if unicodedata.category(mark)[0] in "CZ" else mark for mark in text)
    one = " ".join(kept.split())
    return one if len(one) <= longest else one[: longest - 1] + "…"


def amount(value: float | None, unit: str) -> str:
    """A figure in its unit, for people."""
    if value is None:
        return "unknown"
    if unit == "share":
        return f"{value * 100:.1f} %"
    if unit == "seconds":
        return duration(value)
    return f"{value:,.6g}"


def duration(seconds: float) -> str:
    """For people: 45 s, 6 min 52 s, 3 h 5 min, 2 d 4 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    if whole < 86_400:
        return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")
    return f"{whole // 86_400} d" + (f" {whole % 86_400 // 3600} h" if whole % 86_400 // 3600 else "")


def _where(about: Mapping[str, Any], settings: Settings) -> str:
    site = about["site"] or ""
    parts = [_site(site, settings), *(clean(about[name]) for name in ("queue", "language", "channel") if about[name])]
    return ", ".join(parts)


def _site(site: str, settings: Settings) -> str:
    known = settings.sites.get(site)
    return clean((known.name if known else None) or site)


def _when(at: datetime, settings: Settings) -> str:
    return f"{at.astimezone(ZoneInfo(settings.reporting_zone)):%Y-%m-%d %H:%M} {settings.reporting_zone}"


def _could_take(told: str | None, settings: Settings) -> list[str]:
    """A line for each queue and own site with somebody free for it."""
    if told is None:
        return []
    lines = []
    for pool in json.loads(told)["pools"]:
        name = ", ".join(clean(part) for part in (pool["queue"], pool["language"]) if part) or "no queue"
        for site in pool["sites"]:
            level, then = site["service_level"], site["service_level_then"]
            effect = ""
            if level is not None and then is not None:
                effect = (
                    f"; with all of it the service level there would go from {level * 100:.0f} % to {then * 100:.0f} %"
                )
            lines.append(f"{name}: {site['idle']} free at {_site(site['site'], settings)}{effect}")
    if not lines:
        return ["In-house: nobody is free who has handled what waits"]
    return ["In-house could take over:", *lines[:_POOLS_SHOWN]]
