"""Entry point of the pages: `streamlit run dashboard/app.py`, or `python -m dashboard.launch`."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import parts, words

st.set_page_config(page_title=words.PRODUCT, page_icon=str(Path(__file__).with_name("icon.png")), layout="wide")
page = st.navigation(
    [
        st.Page("pages_/live.py", title=words.LIVE_TITLE, icon=":material/sensors:", url_path="live", default=True),
        st.Page("pages_/weeks.py", title=words.WEEKS_TITLE, icon=":material/calendar_view_week:", url_path="weeks"),
        st.Page("pages_/health.py", title=words.HEALTH_TITLE, icon=":material/monitor_heart:", url_path="health"),
    ],
    position="top",
)
parts.style()
page.run()
