"""Draws one section of the Fallback page about facts made by hand, without a store or the rest of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from streamlit.testing.v1 import AppTest

from dashboard.fallback.view import View
from dashboard.scope.opening import Opened
from dashboard.store import Reply, State
from models.fallback.answer import answer
from tests.fallback_facts import PROVIDER, assumed

if TYPE_CHECKING:
    from models.fallback.answer_parts import Answer
    from models.fallback.facts import Facts


def view(known: Facts, told: Answer | None = None, *, live: bool = True, **changes: float | None) -> View:
    """What a section is given. told: another answer than that of the facts; changes: of what is assumed."""
    sites = pd.DataFrame(
        {
            "site": ["sofia", "berlin"], "provider": [PROVIDER, "Own"], "in_house": [False, True],
            "simulated": [True, True],
        }
    )  # fmt: skip
    choices = Reply(State.LIVE if live else State.STOPPED, {"sites": sites})
    page = Opened(cast("Any", None), choices, cast("Any", None), cast("Any", None), {}, {})
    given = assumed(known, **changes)
    return View(page, known, given, told or answer(known, given))


def section(name: str, shown: View) -> AppTest:
    """The section of this name, drawn."""

    def script(name: str, shown: object) -> None:
        import importlib

        importlib.import_module(f"dashboard.fallback.{name}").draw(shown)

    app = AppTest.from_function(script, args=(name, shown), default_timeout=30)
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    """Everything plain that is shown, line by line."""
    return "\n".join(str(one.value) for one in app.text)
