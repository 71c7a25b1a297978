"""Entry point of the pages: `streamlit run dashboard/app.py`, or `python -m dashboard.launch`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import parts, words
from dashboard.contact_words import TITLE as CONTACTS_TITLE
from dashboard.cost.words import TITLE as COST_TITLE
from dashboard.fallback.words import TITLE as FALLBACK_TITLE
from dashboard.invoices.words import TITLE as INVOICES_TITLE
from dashboard.today.words import TITLE as TODAY_TITLE


def _by_name() -> None:
    """The first page has the bare address; somebody who types its name is led there."""
    st.switch_page(LIVE, query_params={name: st.query_params.get_all(name) for name in st.query_params})


LIVE = "pages_/live.py"
st.set_page_config(page_title=words.PRODUCT, page_icon=str(Path(__file__).with_name("icon.png")), layout="wide")
page = st.navigation(
    [
        # At the bare address, but the name it would have stays taken: it must be another than that of the next.
        st.Page(LIVE, title=words.LIVE_TITLE, icon=":material/sensors:", url_path="desk", default=True),
        st.Page(_by_name, title=words.LIVE_TITLE, url_path="live", visibility="hidden"),
        st.Page("pages_/today.py", title=TODAY_TITLE, icon=":material/today:", url_path="today"),
        st.Page("pages_/compare.py", title="Compare", icon=":material/balance:", url_path="compare"),
        st.Page("pages_/volume.py", title="Volume", icon=":material/bar_chart:", url_path="volume"),
        st.Page("pages_/quality.py", title="Quality", icon=":material/verified:", url_path="quality"),
        st.Page("pages_/topics.py", title="Topics", icon=":material/category:", url_path="topics"),
        st.Page("pages_/cost.py", title=COST_TITLE, icon=":material/payments:", url_path="cost"),
        st.Page("pages_/invoices.py", title=INVOICES_TITLE, icon=":material/receipt_long:", url_path="invoices"),
        st.Page("pages_/fallback.py", title=FALLBACK_TITLE, icon=":material/home:", url_path="fallback"),
        st.Page("pages_/contacts.py", title=CONTACTS_TITLE, icon=":material/list_alt:", url_path="contacts"),
        st.Page("pages_/health.py", title=words.HEALTH_TITLE, icon=":material/monitor_heart:", url_path="health"),
    ],
    position="top",
)
parts.style()
page.run()
