"""What is assumed: every value with its source, edited in place, kept for as long as somebody looks around."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import parts
from dashboard.fallback import money_words as said
from models.fallback.assumptions import BY_NAME, SPECS, Assumed

if TYPE_CHECKING:
    from models.fallback.assumptions import Assumptions, Spec
    from models.fallback.facts import Facts

FIRST = ("handle_s", "occupancy", "price", "fcr_own", "fcr_provider")
"""Inputs that decide most (methods 3.4), what decides more first."""
YOURS = "said on the page"
_RESTORED = "fallback-assumed-restored"


def restore(assumed: Assumptions) -> None:
    """Have the next page drawn show these, as of a saved scenario, whatever was edited before."""
    st.session_state[_RESTORED] = dict(assumed)


def edited(facts: Facts, defaults: Assumptions) -> Assumptions:
    """Draw every assumption and return them as they are now. What is out of reason is said and kept as it is.

    Edits are kept by provider; those of another provider come back with it.
    """
    place = _place(facts)
    _take_over(place, defaults)
    kept = _kept(place)
    assumed = {spec.name: _now(spec, defaults, kept) for spec in SPECS}
    found = {spec.name: _problem(spec, assumed[spec.name].value) for spec in SPECS}
    wrong = sum(problem is not None for problem in found.values())
    # A label that changes closes what somebody opened, unless it is told to be open.
    touched = bool(st.session_state.get(f"{place}-touched"))
    with st.expander(
        said.title(len(kept), wrong), expanded=touched, icon=":material/tune:", key="fallback-assumed"
    ):  # fmt: skip
        parts.plain(said.ASSUMED_HELP, "muted", key="fallback-assumed-help")
        st.button(
            said.ALL_BACK, icon=":material/undo:", disabled=not kept, key="fallback-assumed-back",
            on_click=_back, args=(place, tuple(BY_NAME)),
        )  # fmt: skip
        for name, specs in _groups():
            parts.plain(name, "strong", key=f"fallback-assumed-group-{name}")
            with st.grid(3, min_column_width=230, gap="medium", key=f"fallback-assumed-{name}") as grid:
                for spec in specs:
                    with grid.cell():
                        _field(spec, facts.currency, place, assumed[spec.name], defaults, found[spec.name])
    return assumed


def count(facts: Facts) -> int:
    """How many are not as measured, now."""
    return len(_kept(_place(facts)))


def _groups() -> list[tuple[str, list[Spec]]]:
    rest = [
        (name, [spec for spec in SPECS if spec.group == group and spec.name not in FIRST])
        for group, name in said.REST.items()
    ]
    return [(said.DECIDES, [BY_NAME[name] for name in FIRST]), *rest]


def _problem(spec: Spec, value: float | None) -> str | None:
    return None if value is None and said.unsaid(spec.name) else spec.problem(value)


def _field(
    spec: Spec, currency: str, place: str, now: Assumed, defaults: Assumptions, problem: str | None
) -> None:  # fmt: skip
    key, was = _widget(place, spec.name), defaults[spec.name].value
    if key not in st.session_state:
        st.session_state[key] = _typed(spec, now.value)
    st.number_input(
        said.field(spec, currency), step=1.0 if spec.whole else None, value=None, format="%g", key=key,
        help=spec.help or None, on_change=_changed, args=(spec.name, place, was),
    )  # fmt: skip
    if problem is not None:
        st.error(problem, icon=":material/error:")
    if now.value is None and problem is None:
        parts.plain(said.unsaid(spec.name) or "", key=f"{key}-unsaid")
    if spec.name in _kept(place):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-yours"):
            parts.plain(said.yours(spec, was), "strong", key=f"{key}-was")
            st.button(
                said.ONE_BACK, icon=":material/undo:", type="tertiary", key=f"{key}-back",
                on_click=_back, args=(place, (spec.name,)),
            )  # fmt: skip
    parts.plain(said.source(defaults[spec.name].source), "muted", key=f"{key}-source")


def _changed(name: str, place: str, was: float | None) -> None:
    spec, kept = BY_NAME[name], _kept(place)
    typed = st.session_state.get(_widget(place, name))
    value = None if typed is None else _value(spec, float(typed))
    if _same(value, was):
        kept.pop(name, None)
    else:
        kept[name] = value
    st.session_state[f"{place}-touched"] = True


def _back(place: str, names: tuple[str, ...]) -> None:
    for name in names:
        _kept(place).pop(name, None)
        st.session_state.pop(_widget(place, name), None)
    st.session_state[f"{place}-touched"] = True


def _take_over(place: str, defaults: Assumptions) -> None:
    """Make what was restored the edits of the provider shown."""
    restored: Assumptions | None = st.session_state.pop(_RESTORED, None)
    measured: dict[str, float | None] = {name: one.value for name, one in defaults.items()}
    if restored is not None:
        st.session_state[place] = {
            name: one.value
            for name, one in restored.items()
            if name in BY_NAME and not _same(one.value, measured[name])
        }
    # A field nobody edited follows what is measured, which other data or another slice changes.
    before: dict[str, float | None] | None = st.session_state.get(f"{place}-measured")
    if restored is not None or before != measured:
        for name in BY_NAME:
            if restored is not None or name not in _kept(place):
                st.session_state.pop(_widget(place, name), None)
        st.session_state[f"{place}-measured"] = measured


def _kept(place: str) -> dict[str, float | None]:
    kept: dict[str, float | None] = st.session_state.setdefault(place, {})
    return kept


def _now(spec: Spec, defaults: Assumptions, kept: dict[str, float | None]) -> Assumed:
    return Assumed(kept[spec.name], YOURS) if spec.name in kept else defaults[spec.name]


def _place(facts: Facts) -> str:
    # Keys stand in the page; a provider's id is somebody's text.
    return f"fallback-assumed-{hashlib.sha256(facts.slice.provider.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _widget(place: str, name: str) -> str:
    return f"{place}-{name}"


def _typed(spec: Spec, value: float | None) -> float | None:
    """As it stands in the field: shares in percent."""
    if value is None:
        return None
    return float(f"{value * 100 if spec.unit == 'share' else value:.12g}")


def _value(spec: Spec, typed: float) -> float:
    return typed / 100 if spec.unit == "share" else typed


def _same(value: float | None, other: float | None) -> bool:
    if value is None or other is None:
        return value is other
    return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12)
