"""A scenario file means what its README says, and says what is wrong with it: file, line, key, found, expected."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.simulator.scenario.file import MAX_BYTES, load, read
from ingest.simulator.scenario.plants import Drift
from ingest.simulator.scenario.when import Moment, Yearly
from ingest.simulator.scenario.whole import Scenario
from models.documents.reading import DocumentError
from models.documents.words import PATTERNS
from tests.scenario_tables import README, tables

BLOCKS = dict(re.findall(r"^```(toml|text)\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL))
WORLD = BLOCKS["toml"]


def problems(text: str) -> list[str]:
    """The lines of the message."""
    with pytest.raises(DocumentError) as caught:
        read(text, "world.toml")
    return str(caught.value).splitlines()


def changed(old: str, new: str) -> tuple[str, int]:
    """The README's world with one thing changed, and the line of the sign § in the new text."""
    assert old in WORLD
    text = WORLD.replace(old, new, 1)
    line = text[: text.index("§")].count("\n") + 1
    return text.replace("§", ""), line


def test_the_world_of_the_readme_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    path.write_text(WORLD)
    world = load(path)
    assert world == read(WORLD, "x")
    assert list(world.sites) == ["berlin", "porto"]
    assert world.sites["porto"].delivery.late is not None
    assert world.sites["porto"].people.leaves_per_month == 0.05
    assert str(world.sites["porto"].billing.rate if world.sites["porto"].billing else 0) == "4.2"
    assert isinstance(world.plants[0], Drift)
    assert world.plants[0].begins == Moment(2, 0, None, 0)
    assert world.holidays[0].on == Yearly(10, 3)
    assert [shift.starts for shift in world.sites["berlin"].groups[0].shifts] == [465, 690]


def test_the_tables_of_the_readme_are_current() -> None:
    assert tables() in README.read_text("utf-8"), "run: uv run python -m tests.scenario_tables"


def test_the_errors_of_the_readme_are_those_one_gets() -> None:
    text = WORLD.replace('shape = "office"', 'shpe = "office"', 1).replace("agents = 12", 'agents = "12"', 1)
    assert problems(text) == BLOCKS["text"].splitlines()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version = 1", "version = 2§", "version: expected 1; got 2"),
        ("version = 1\n", "§", "version: this key is needed"),
        ('name = "Two sites"', '"na me" = "Two sites"§', "'na me': no such key, did you mean 'name'?"),
        ('name = "Two sites"', "name = 'Two\t§sites'",
         "name: expected text without line breaks and control characters; got 'Two\\tsites'"),
        ('name = "Two sites"', 'name = ""§', "name: expected text of 1 or more characters; got ''"),
        ('name = "Two sites"', f'name = "{"é" * 81}"§',
         f"name: expected text of at most 80 characters; got '{'é' * 60}…'"),
        ('name = "Two sites"', "name = 5§", "name: expected text in quotes; got 5"),
        ('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Berlni"§',
         "time_zone: 'Europe/Berlni' is not an IANA time zone, for example Europe/Berlin"),
        ("talk_s = 150", "talk_s = 0§", "topics.order_status.talk_s: expected more than 0; got 0"),
        ("talk_s = 150", "talk_s = nan§", "topics.order_status.talk_s: expected a finite number; got nan"),
        ("talk_s = 150", f"talk_s = 1{'0' * 400}§",
         "topics.order_status.talk_s: expected a number; got a number of more than 60 digits"),
        ("[topics.order_status]\ntalk_s = 150", "[topics.order_status]§",
         "topics.order_status.talk_s: this key is needed"),
        ("resolved = 0.9", "resolved = 1.5§", "topics.order_status.resolved: expected at most 1; got 1.5"),
        ("resolved = 0.9", "resolved = true§", "topics.order_status.resolved: expected a number; got true"),
        ("[topics.order_status]", "[topics.order_status]§\ntransferred = 0.1",
         "topics.order_status: transferred is given but transfer_queue is not: where do these contacts go?"),
        ("resolved = 0.9", 'resolved = 0.9\ntransfer_queue = "sales"§',
         "topics.order_status.transfer_queue: no site has this queue (got 'sales')"),
        ("[topics.refund]", '[topics."re fund"]§',
         "topics.'re fund': expected a name of up to 63 letters, digits, dots, "
         "dashes and underscores, the first a letter or digit; got 're fund'"),
        ("hours = [0, 0,", "hours = [0,§", "shapes.office.hours: expected 24 or more entries; got 23"),
        ("weekdays = [1.3,", "weekdays = [1.3, 1,§", "shapes.office.weekdays: expected at most 7 entries; got 8"),
        ("weekdays = [1.3, 1.1,", "weekdays = [1.3,\n\n# x\n'1.1'§,",
         "shapes.office.weekdays[1]: expected a number; got '1.1'"),
        ("[sites.berlin]", "[sites.berlin]§\n[sites.york.people]\n",
         "sites.berlin.name: this key is needed"),
        ('provider = "Example AG"', "people = 5§\nprovider = 'x'", "sites.berlin.people: expected a table; got 5"),
        ("in_house = true", "in_house = 1§", "sites.berlin.in_house: expected true or false; got 1"),
        ("languages = { de = 4, en = 1 }", "languages = { de = 4, EN = 1 }§", "sites.berlin.lines[0].languages.EN: "
         'expected a language tag such as "en" or "pt-BR"; got \'EN\''),
        ("languages = { de = 4, en = 1 }", "languages = { de = 4, fr = 1 }§",
         "sites.berlin.lines[0].languages.fr: no group of berlin serves service by voice in 'fr'"),
        ("languages = { de = 4, en = 1 }", "languages = { de = 0 }§",
         "sites.berlin.lines[0].languages: all weights are 0"),
        ("[[sites.berlin.lines]]", "[sites.berlin.lines]§",
         "sites.berlin.lines: expected an array of tables, each under "
         "[[sites.berlin.lines]]; got a table, as by [sites.berlin.lines]"),
        ('shape = "office"', 'shape = "ofice"§', "sites.berlin.lines[0].shape: expected one of office; got 'ofice'"),
        ("refund = 2 }", "refunds = 2 }§",
         "sites.berlin.lines[0].topics.refunds: expected one of order_status, refund; got 'refunds'"),
        ('days = "Mon-Sat"', 'days = "Mo-Sat"§', "sites.berlin.lines[0].days: expected weekdays such as "
         "\"Mon-Fri\", \"Sat,Sun\", \"Wed-Sun\" or \"daily\"; got 'Mo-Sat'"),
        ('days = "Mon-Sat"', 'opens = "8:30"§',
         "sites.berlin.lines[0].opens: expected a time of day as HH:MM, from 00:00 to 24:00; got '8:30'"),
        ('days = "Mon-Sat"', "channel = 'fax'§", "sites.berlin.lines[0].channel: expected voice or chat; got 'fax'"),
        ("[[sites.berlin.lines]]", '[[sites.berlin.lines]]§\nopens = "08:00"\ncloses = "08:00"',
         "sites.berlin.lines[0]: closes must be after opens (24:00 for midnight)"),
        ("agents = 12", "agents = 12.0§", "sites.berlin.groups[0].agents: expected a whole number; got 12"),
        ('queues = ["service"]', "queues = []§", "sites.berlin.groups[0].queues: expected 1 or more entries; got 0"),
        ('{ starts = "11:30", hours = 8.5', '{ starts = "11:30", hour = 8.5§',
         "sites.berlin.groups[0].shifts[1].hours: this key is needed"),
        ("people.leaves_per_month = 0.05", "people.leave_per_month = 0.05§",
         "sites.porto.people.leave_per_month: no such key, did you mean 'leaves_per_month'?"),
        ("craft = { handle", "craft = { hand§led",
         "sites.porto.craft.handled: no such key, did you mean 'handle'?"),
        ("rate = 4.20 }", "rate = 4.20001 }§", "sites.porto.billing.rate: expected at most 4 digits after the point; "
         "got 4.20001"),
        ("rate = 4.20 }", "rate = 4.20, currency = 'eur' }§",
         "sites.porto.billing.currency: expected three capital letters such as \"EUR\"; got 'eur'"),
        ("minutes = [5, 600]", "minutes = [5]§", "sites.porto.delivery.late.minutes[1]: this element is needed"),
        ("minutes = [5, 600]", "minutes = [600, 5]§",
         "sites.porto.delivery.late.minutes: expected the shortest delay first, then the longest; got an array"),
        ("minutes = [5, 600]", "minute = [5, 600]§", "sites.porto.delivery.late.minutes: this key is needed"),
        ("[sites.porto.delivery]", "[sites.porto.delivery]\nlost = 1§", "sites.porto.delivery.lost: no such key; "
         "keys here: latency_s, late, out_of_order, repeated, missing, clock_offset_s, skew, malformed"),
        ('on = "10-03"', 'on = "02-30"§', "holidays[0].on: expected a month and a day that exist; got '02-30'"),
        ('begins = "week 2"', "begins = 2026-10-31T10:00:00§", 'plants[0].begins: expected "week 9", "week 9 Wed", '
         '"week 9 Wed 10:00", "2026-10-31" or "2026-10-31 10:00"; got 2026-10-31 10:00:00'),
        ('begins = "week 2"', 'begins = "2026-02-30"§',
         "plants[0].begins: expected a date that exists; got '2026-02-30'"),
        ('kind = "drift"', 'kind = "drfit"§', "plants[0].kind: expected one of drift, outage, overbilling, "
         "kinder_service_level, easy_topics; got 'drfit'"),
        ('[[plants]]\nkind = "drift"', "[[plants]]§", "plants[0].kind: this key is needed: one of drift, outage, "
         "overbilling, kinder_service_level, easy_topics"),
        ("weeks = 2", "drift = 2§", "plants[0].drift: no such key; keys here: kind, site, begins, weeks, handle, "
         "resolved, satisfied, score, absent, leaves_per_month"),
        ("weeks = 2", "weeks = 0§", "plants[0].weeks: expected at least 1; got 0"),
        ('site = "porto"', 'site = "prto"§', "plants[0].site: expected one of berlin, porto; got 'prto'"),
        ("[[plants]]", '[[campaigns]]\nname = "a"\nbegins = "week 1"\ndays = 1\nqueue = "service"\nextra = 1\n'
         'topics = {refund = 1}\nsites = ["berlin",\n "york"§]\n[[plants]]',
         "campaigns[0].sites[1]: expected one of berlin, porto; got 'york'"),
        ("[[holidays]]", "[holidays]§", "holidays: expected an array of tables, each under [[holidays]]; "
         "got a table, as by [holidays]"),
        ("[[holidays]]", "[[season]]§\n[[holidays]]", "season: expected a table; got an array"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(old: str, new: str, message: str) -> None:
    text, line = changed(old, new)
    assert f"world.toml:{line}: {message}" in problems(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version = 1", "version = §",
         'not TOML: Invalid value; text, and times such as "08:30", must stand in quotes (column 11)'),
        ('days = "Mon-Sat"', "opens = 08:30§", "not TOML: Expected newline or end of document after a "
         'statement; text, and times such as "08:30", must stand in quotes (column 10)'),
        ("agents = 12", "agents = 12\nagents = 13§", "not TOML: Cannot overwrite a value (column 12)"),
        ("[sites.porto]", "[sites.berlin]§", "not TOML: Cannot declare ('sites', 'berlin') twice (column 14)"),
        ("resolved = -0.6\n", "resolved = [1,\n2,§\n", "not TOML: Invalid value; text, and times such as \"08:30\", "
         "must stand in quotes (at the end of the file)"),
        ("agents = 12", f"agents = {'1' * 5000}§", "a number with too many digits"),
    ],
)  # fmt: skip
def test_text_that_is_no_toml_is_said_with_its_line(old: str, new: str, message: str) -> None:
    text, line = changed(old, new)
    assert problems(text) == [f"world.toml:{line}: {message}"]


def test_nesting_without_end_is_refused() -> None:
    assert problems("a = " + "[" * 100_000) == ["world.toml:1: arrays or inline tables are nested too deeply"]


def test_all_mistakes_are_named_at_once_in_the_order_of_their_lines() -> None:
    text = WORLD.replace("talk_s", "talk").replace("agents = 12", "agents = 0").replace("hours = 9", "hours = 25")
    found = [int(line.split(":")[1]) for line in problems("x = 1\n" + text)]
    assert len(found) == 1 + 2 + 2 + 2 + 2
    assert found == sorted(found)


def test_of_very_many_mistakes_the_first_are_named() -> None:
    found = problems(WORLD + "".join(f"x{number} = 1\n" for number in range(30)))
    assert len(found) == 21
    assert found[0].startswith("world.toml:88: plants[0].x0: no such key")
    assert found[-1] == "world.toml: and 10 more"


def test_what_the_file_says_is_shortened_and_escaped() -> None:
    long = "ab\\u202e\\u0007" + "c" * 100_000
    text = WORLD.replace('kind = "drift"', f'kind = "{long}"\n"{long}" = 1').replace("Europe/Lisbon", long)
    found = problems(text + f'\n["{long}"]\n')
    assert len(found) == 3
    assert all(line.isprintable() and len(line) < 400 for line in found)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    cases = [(path, "No such file or directory"), (tmp_path, "Is a directory"), (Path("a\0b"), "embedded null byte")]
    for place, reason in cases:
        with pytest.raises(DocumentError, match=f": cannot be read: {reason}"):
            load(place)
    path.write_bytes(b"# " + b"x" * MAX_BYTES)
    with pytest.raises(DocumentError, match=rf"{re.escape(str(path))}: too large: expected at most 256,000 bytes"):
        load(path)
    path.write_bytes(b"\xef\xbb\xbf# \xc3\xa4\n\n# \xe4\n")
    with pytest.raises(DocumentError, match=rf"{re.escape(str(path))}:3: not UTF-8"):
        load(path)
    if os.geteuid():
        path.chmod(0)
        with pytest.raises(DocumentError, match="Permission denied"):
            load(path)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "world.toml"
    path.write_bytes(b"\xef\xbb\xbf" + WORLD.replace("\n", "\r\n").encode())
    assert load(path) == read(WORLD, "x")
    path.write_bytes(b"\xef\xbb\xbf" + WORLD.replace("agents", "agent").replace("\n", "\r\n").encode())
    with pytest.raises(DocumentError, match=r"world\.toml:34: sites\.berlin\.groups\[0\]\.agent: no such key"):
        load(path)


NASTY = ["", "x", '"x"', "-1", "nan", "1e400", "true", "[]", "{}", "[[1]]", "{a = {b = 1}}", "2026-01-01", "12:00:00"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, WORLD.count("\n") - 1), st.sampled_from(["gone", "twice", *NASTY])),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_wrong_every_problem_has_a_line(edits: list[tuple[int, str]]) -> None:
    lines = WORLD.splitlines()
    for number, edit in edits:
        old = lines[number]
        lines[number] = {"gone": "", "twice": f"{old}\n{old}"}.get(edit, f"{old.split('=')[0]}= {edit}")
    text = "\n".join(lines)
    try:
        read(text, "world.toml")
    except DocumentError as error:
        for line in str(error).splitlines():
            found = re.fullmatch(r"world\.toml(?::(\d+): (?!: ).+|: and \d+ more)", line)
            assert found, line
            assert 1 <= int(found[1] or 1) <= text.count("\n") + 1
            jargon = re.search(r"(?i)input|extra|valid|union|none|instance|dict\b", line)
            assert not jargon or "not TOML" in line, line


def test_every_pattern_of_the_models_is_put_in_words() -> None:
    found = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(Scenario.model_json_schema())))
    assert len(found) >= 4
    assert {json.loads(pattern) for pattern in found} <= set(PATTERNS)
