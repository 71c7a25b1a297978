"""What is taken away: charts as SVG and PNG that can be read on paper, tables as Parquet."""

from __future__ import annotations

import io
import threading
import xml.etree.ElementTree as ElementTree
from datetime import date
from typing import Any

import altair as alt
import pandas as pd
import pytest
from PIL import Image

from dashboard.charts import legend
from dashboard.colours import site_styles
from dashboard.figures import take_away

HOSTILE = '<script>alert(1)</script> & "x" http://evil.example'


def chart(rows: int = 3, name: str = "north") -> alt.Chart:
    data = pd.DataFrame(
        {"x": range(rows), "y": [float(n) for n in range(rows)], "name": name, "day": [date(2026, 3, 2)] * rows}
    )
    drawn: alt.Chart = (
        alt.Chart(data, title=alt.TitleParams("Satisfaction", subtitle="%", subtitleColor="currentColor"))
        .mark_text(fill="currentColor")
        .encode(x="x:Q", y="y:Q", text="name:N", tooltip="day:N")
        .properties(usermeta={"embedOptions": {"renderer": "svg"}})
    )
    return drawn


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    return sum(value < 110 for value in image.convert("L").crop(box).tobytes())


def test_a_chart_on_paper_has_dark_text_on_white_and_no_colour_lent_by_a_page() -> None:
    svg = take_away.svg(chart())
    assert "currentColor" not in svg
    assert f'fill="{take_away.INK}"' in svg.replace(take_away.INK.lower(), take_away.INK)
    assert ">Satisfaction<" in svg
    assert 'fill="white"' in svg or f'fill="{take_away.PAPER}"' in svg


def test_text_is_really_drawn_into_a_png() -> None:
    """A font the converter does not know, even first in a list, leaves all text out."""
    image = Image.open(io.BytesIO(take_away.png(chart())))
    assert image.width > 1200
    assert ink(image, (0, 0, image.width, 90)) > 150  # the title
    assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)


def test_what_users_made_up_is_escaped_and_nothing_is_fetched() -> None:
    svg = take_away.svg(chart(name=HOSTILE))
    root = ElementTree.fromstring(svg)  # well-formed  # noqa: S314
    assert "<script" not in svg
    assert HOSTILE in [element.text for element in root.iter() if element.text]
    for element in root.iter():
        assert not element.tag.endswith(("script", "image", "foreignObject", "}a"))
        assert not [value for name, value in element.attrib.items() if name.endswith(("href", "src"))]


def test_a_site_called_like_the_lent_colour_keeps_its_name() -> None:
    assert "currentColor" in take_away.svg(chart(name="currentColor"))


def test_more_rows_than_altair_lets_through_and_dates_and_gaps_are_drawn() -> None:
    many = chart(6000)
    many.data.loc[0, "y"] = float("nan")
    paper = take_away.on_white(many)
    (rows,) = paper["datasets"].values()
    assert len(rows) == 6000
    assert rows[0]["y"] is None
    assert take_away.svg(many).startswith("<svg")


def test_a_legend_stands_above_a_chart_of_the_same_width() -> None:
    styles = site_styles(["north", "south"])
    key = legend(["north", "south"], styles, {"north": "North", "south": HOSTILE})
    paper = take_away.on_white(chart(), legend=key)
    assert [part.get("width") for part in paper["vconcat"]][1] == take_away.WIDTH
    svg = take_away.svg(chart(), legend=key)
    assert ">North<" in svg
    assert "<script" not in svg


def test_a_chart_is_whole_although_streamlit_sends_another_at_the_same_moment() -> None:
    """Streamlit has Altair name data instead of holding it while it sends a chart: for all threads."""
    elsewhere: Any = lambda _: {"name": "elsewhere"}  # noqa: E731
    alt.data_transformers.register("id-for-tests", elsewhere)
    over = threading.Event()

    def other() -> None:
        while not over.is_set():
            with alt.data_transformers.enable("id-for-tests"):
                over.wait(0.002)
            over.wait(0.004)

    thread = threading.Thread(target=other)
    thread.start()
    try:
        found = [take_away.spec(chart()) for _ in range(30)]
    finally:
        over.set()
        thread.join()
    assert all(len(next(iter(spec["datasets"].values()))) == 3 for spec in found)


def test_a_spec_is_taken_as_it_is_and_left_so() -> None:
    spec = take_away.spec(chart())
    before = repr(spec)
    assert take_away.spec(spec) is spec
    take_away.on_white(spec)
    assert repr(spec) == before


@pytest.mark.parametrize("combined", ["hconcat", "vconcat"])
def test_combined_charts_keep_their_own_widths(combined: str) -> None:
    both: Any = getattr(alt, combined)(chart(), chart())
    assert "width" not in take_away.on_white(both)
    assert take_away.svg(both).count(">Satisfaction<") == 2


def test_a_table_is_the_same_out_of_parquet() -> None:
    frame = pd.DataFrame({"site": ["north", HOSTILE], "value": [0.5, None], "week_start": [date(2026, 3, 2)] * 2})
    assert pd.read_parquet(io.BytesIO(take_away.parquet(frame))).equals(frame)
