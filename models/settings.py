"""Settings of every Backstop process: environment variables `BACKSTOP_*` first, then one TOML file.

The file is `backstop.toml` in the working directory, or the one `BACKSTOP_CONFIG` names. Secrets
belong in the environment; what is not given there is made once and kept in the data directory.
"""

from __future__ import annotations

import math
import os
import secrets
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from models.alerts.live import default_rules, named, watchable
from models.alerts.rule import Name, Rule
from models.clock import Clock
from models.documents.near import did_you_mean
from models.events import SITE_PATTERN
from models.facts import Code
from models.hours import OpeningHours
from models.metrics.catalogue import BY_NAME
from models.notify import MailAddress, MailAddresses, WebAddress, mail_trouble

_USUAL_SERVICE_LEVEL = 0.8
_HIGHEST_SERVICE_LEVEL = 0.99
"""No number of agents answers every contact in time for certain."""
SECRET_NAMES = ("dashboard_token", "analyst_token", "customer_key")


class SettingsError(Exception):
    """A setting is wrong; the message says which, where it came from and what was expected."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except Exception as error:
        raise ValueError(f"{name!r} is not an IANA time zone, for example Europe/Berlin") from error
    return name


System = Literal["cloudevents", "amazon_connect", "asterisk", "genesys_cloud", "twilio_taskrouter"]

TimeZone = Annotated[str, AfterValidator(_known_zone)]
Secret = Annotated[SecretStr, Field(min_length=16)]
Alerts = Annotated[dict[Name, Annotated[Rule, AfterValidator(watchable)]], BeforeValidator(named)]


class ReportedLevel(BaseModel):
    """How a site's provider reports its own service level, under `[sites.ID.reports]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    definition: Literal[
        "service_level", "sl_ignore_within_T", "sl_ignore_short", "sl_positive", "sl_answered_only", "sl_flowout"
    ] = Field("service_level", description="Which of the definitions; view `metrics` explains each.")
    threshold_s: float | None = Field(None, gt=0, le=86_400, description="Its threshold, seconds. Default: ours.")
    short_s: float | None = Field(None, gt=0, le=3600, description="Its short abandons, seconds. Default: ours.")


class SiteSettings(BaseModel):
    """One site, under `[sites.ID]`; its events come on the topic `contacts.ID`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(None, description="Name shown on the pages. Default: the id.")
    provider: str | None = Field(None, description="Who runs the site. Default: the id.")
    in_house: bool = Field(False, description="True for the company's own sites.")
    time_zone: TimeZone | None = Field(None, description="Zone of the site. Default: the reporting zone.")
    system: System = Field("cloudevents", description="Whose messages the site sends; `backstop adapters` lists them.")
    open: tuple[OpeningHours, ...] = Field(
        (), description="When the site is open. Default: the hours in which it sent something in the last weeks."
    )
    topics: dict[Code, Code] = Field(default_factory=dict, description="The site's topic codes, in the company's.")
    reports: ReportedLevel | None = Field(
        None, description="How its provider reports its service level. Default: as we."
    )


class TopicSettings(BaseModel):
    """One topic of the company, under `[topics.CODE]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(None, description="Name shown on the pages. Default: the code.")


class PlanSettings(BaseModel):
    """What staffing is planned for, under `[plan]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service_level: float | None = Field(
        None, gt=0, lt=1, description="Service level to plan agents for. Default: its target, or 0.8."
    )
    abandonment_cap: float = Field(
        0.05, gt=0, lt=1, description="Share of contacts that may hang up at most. Default: 0.05."
    )
    occupancy_cap: float = Field(
        0.85, gt=0, le=1, description="Share of their time agents may be on contacts at most. Default: 0.85."
    )


def config_file() -> Path:
    """The one settings file, whether or not it exists."""
    return Path(os.environ.get("BACKSTOP_CONFIG", "backstop.toml"))


class Settings(BaseSettings):
    """All settings. Names of environment variables are `BACKSTOP_` and the field's name in capitals."""

    # Input is hidden because what is wrong may be all settings together, secrets included.
    model_config = SettingsConfigDict(
        env_prefix="BACKSTOP_", env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    data_dir: Path = Field(Path(".backstop"), description="Where the store, secrets and logs are kept.")
    terms_dir: Path | None = Field(
        None,
        description="Folder of contracts, in-house cost and rates of exchange. Default: `terms` beside the settings "
        "file, if there.",
    )
    currency: str = Field("EUR", pattern="^[A-Z]{3}$", description="The company's currency, an ISO 4217 code.")
    bootstrap_servers: str | None = Field(
        None, description="Kafka, HOST:PORT[,HOST:PORT...]. Without it `backstop up` starts its own broker."
    )
    kafka_security_protocol: str = Field(
        "PLAINTEXT", pattern="^(PLAINTEXT|SSL|SASL_PLAINTEXT|SASL_SSL)$", description="How to talk to Kafka."
    )
    kafka_sasl_mechanism: str | None = Field(None, description="For example SCRAM-SHA-512.")
    kafka_sasl_username: str | None = Field(None, description="SASL user name.")
    kafka_sasl_password: SecretStr | None = Field(None, description="SASL password.")
    kafka_ssl_cafile: Path | None = Field(None, description="CA certificates for TLS to Kafka.")
    topic_prefix: str = Field(
        "contacts.", pattern=r"^[a-z][a-z0-9._-]*\.$", description="Topic of a site is this and its id."
    )
    topic_partitions: int = Field(4, ge=1, le=256, description="Partitions of topics Backstop creates.")
    topic_refresh_s: float = Field(2.0, gt=0, le=5, description="How often new topics are looked for.")
    broker_port: int = Field(9092, ge=0, le=65535, description="Port of the embedded broker; 0 picks one.")
    store_host: str = Field("localhost", description="Address the store is served on.")
    store_port: int = Field(9494, ge=0, le=65535, description="Port the store is served on; 0 picks one.")
    dashboard_host: str = Field("localhost", description="Address the pages are served on.")
    dashboard_port: int = Field(8501, ge=0, le=65535, description="Port of the pages; 0 picks one.")
    dashboard_token: Secret | None = Field(None, description="The dashboard's token for the store.")
    analyst_token: Secret | None = Field(None, description="The analysts' token for the store.")
    customer_key: Secret | None = Field(None, description="Key of the hash that replaces customer identifiers.")
    memory_limit: str = Field("2GB", pattern=r"^\d+(\.\d+)?\s*[KMG]i?B$", description="DuckDB memory limit of ingest.")
    store_threads: int = Field(
        default_factory=lambda: max(1, (os.cpu_count() or 2) - 1),
        ge=1,
        le=256,
        description="Threads of the store's engine. Default: all cores but the one that decodes.",
    )
    batch_events: int = Field(100_000, ge=1, le=200_000, description="A batch closes at this many messages,")
    batch_age_ms: int = Field(
        50, ge=1, le=10_000, description="or when its first message is this old; later where commits are slow."
    )
    max_message_bytes: int = Field(1_000_000, ge=1_000, description="Longer messages are refused.")
    future_tolerance_s: float = Field(
        3600, ge=0, description="Events further ahead of the receiver's clock are refused."
    )
    drain_on_stop_s: float = Field(
        0, ge=0, description="On stop, keep reading up to this long until nothing is left in the broker."
    )
    keep_events_days: int = Field(
        400, ge=8, le=36_500, description="`backstop retain` removes raw events of contacts that ended longer ago."
    )
    keep_refused_days: int = Field(
        90, ge=1, le=36_500, description="`backstop retain` removes the bytes of messages refused longer ago."
    )
    reporting_zone: TimeZone = Field("UTC", description="Zone of weeks and days on scorecards.")
    service_level_s: float = Field(20, gt=0, le=86_400, description="Answered within this counts as in target.")
    targets: dict[str, float] = Field(
        default_factory=dict,
        description="What figures are meant to reach, by the name of the metric (view `metrics`); shares as 0 to 1.",
    )
    plan: PlanSettings = Field(default_factory=PlanSettings, description="What staffing is planned for.")
    holidays: tuple[date, ...] = Field(
        default_factory=tuple,
        description="Days unlike others of their weekday. They get no forecast, and none rests on them.",
    )
    short_abandon_s: float = Field(
        5, gt=0, le=3600, description="Who gave up within this is a short abandon, which some definitions leave out."
    )
    alerts: Alerts = Field(
        default_factory=default_rules,
        description="Rules of alerts by name. Default: a long wait, a low service level, a silent feed; {}: none.",
    )
    webhook_url: WebAddress | None = Field(
        None, description="Where alerts are posted to as Slack's incoming webhooks have it: JSON with text and blocks."
    )
    smtp_host: str | None = Field(None, min_length=1, description="Mail server that takes alerts. Default: no e-mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port; at 465 TLS begins at once.")
    smtp_user: str | None = Field(None, min_length=1, description="User name there.")
    smtp_password: SecretStr | None = Field(None, description="Password there.")
    smtp_starttls: bool = Field(True, description="Whether the connection to it is encrypted before anything is sent.")
    mail_from: MailAddress | None = Field(None, description="Sender of e-mail about alerts.")
    mail_to: MailAddresses = Field(
        default_factory=tuple, description="Who gets e-mail about alerts, separated by commas."
    )
    clock_speed: float = Field(
        1, gt=0, le=1000, description="For demonstrations only: how many times as fast as real time the clock runs."
    )
    clock_since: AwareDatetime | None = Field(
        None, description="For demonstrations only: the instant from which it does, for example 2026-03-01T09:30:00Z."
    )
    clock_shows: AwareDatetime | None = Field(
        None, description="For demonstrations only: what the clock shows at that instant. Default: the instant itself."
    )
    log_format: str = Field("auto", pattern="^(auto|console|json)$", description="auto: console on a terminal.")
    sites: dict[Annotated[str, StringConstraints(pattern=SITE_PATTERN)], SiteSettings] = Field(
        default_factory=dict, description="Known sites by id."
    )
    topics: dict[Code, TopicSettings] = Field(
        default_factory=dict, description="The company's topics by code. Without any, all codes sites send count."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())

    @model_validator(mode="after")
    def _clock_can_run(self) -> Self:
        if self.clock_speed != 1 and self.clock_since is None:
            raise ValueError("clock_speed other than 1 needs clock_since, the instant from which it holds")
        if self.clock_shows is not None and self.clock_since is None:
            raise ValueError("clock_shows needs clock_since, the instant at which the clock shows it")
        try:
            self.clock.now()
        except OverflowError as error:
            raise ValueError("clock_since and clock_speed lead beyond the years 1 to 9999") from error
        return self

    @model_validator(mode="after")
    def _mail_can_be_sent(self) -> Self:
        trouble = mail_trouble(
            self.smtp_host, self.smtp_port, self.smtp_user, self.smtp_password, self.smtp_starttls, self.mail_from,
            self.mail_to,
        )  # fmt: skip
        if trouble:
            raise ValueError(trouble)
        return self

    @model_validator(mode="after")
    def _targets_are_of_metrics(self) -> Self:
        for name, target in self.targets.items():
            metric = BY_NAME.get(name)
            if metric is None:
                meant = did_you_mean(name, BY_NAME)
                raise ValueError(f"targets.{name}: no such metric{meant} View `metrics` lists them")
            if not (math.isfinite(target) and (metric.unit != "share" or 0 <= target <= 1)):
                raise ValueError(f"targets.{name}: {target:g} is not a share; expected 0 to 1, for example 0.8")
        return self

    @model_validator(mode="after")
    def _topics_are_known(self) -> Self:
        for site, known in self.sites.items():
            unknown = sorted(set(known.topics.values()) - set(self.topics))
            if unknown:
                raise ValueError(
                    f"sites.{site}.topics: {', '.join(unknown)} not among the company's topics; "
                    f"expected a code that has a table [topics.CODE]"
                )
        return self

    @property
    def clock(self) -> Clock:
        """What the time is, for every process with these settings."""
        return Clock(self.clock_speed, self.clock_since, self.clock_shows)

    @property
    def planned_service_level(self) -> float:
        """The share of contacts to be answered in time that staffing is planned for; within what a formula can meet."""
        wanted = self.plan.service_level or self.targets.get("service_level") or _USUAL_SERVICE_LEVEL
        return min(wanted, _HIGHEST_SERVICE_LEVEL)

    @property
    def store_path(self) -> Path:
        """The DuckDB file."""
        return self.data_dir / "backstop.duckdb"

    @property
    def store_address(self) -> str:
        """Where clients reach the store, as quack names it."""
        host = "localhost" if self.store_host in ("0.0.0.0", "::") else self.store_host  # noqa: S104
        return f"quack:{host}:{self.store_port}"

    @property
    def terms_folder(self) -> Path | None:
        """Where the documents of `models.terms` are; None without any."""
        beside = config_file().parent / "terms"
        return self.terms_dir or (beside if beside.is_dir() else None)

    def site_of(self, topic: str) -> str:
        """The site whose topic this is."""
        return topic.removeprefix(self.topic_prefix)


def load_settings(**overrides: object) -> Settings:
    """Read the settings. Raises SettingsError naming every wrong setting and where it stands."""
    if "BACKSTOP_CONFIG" in os.environ and not config_file().is_file():
        raise SettingsError(f"BACKSTOP_CONFIG names {config_file()}, which is not a file")
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith("BACKSTOP_")
        and name.split("__")[0].removeprefix("BACKSTOP_").lower() not in Settings.model_fields
        and name != "BACKSTOP_CONFIG"
        and not name.startswith("BACKSTOP_TEST_")
    )
    if unknown:
        raise SettingsError(f"environment: no such setting: {', '.join(unknown)}")
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{config_file()}: {error}") from error
    except ValidationError as error:
        found = error.errors(include_input=False)
        lines = [": ".join(filter(None, (".".join(map(str, item["loc"])), item["msg"]))) for item in found]
        raise SettingsError(f"settings (environment BACKSTOP_* or {config_file()}): " + "; ".join(lines)) from error


def with_secrets(settings: Settings, names: tuple[str, ...] = SECRET_NAMES) -> Settings:
    """Fill in secrets that were not given from the data directory, making them on first use (mode 0600).

    Raises SettingsError when they can be neither read nor made.
    """
    missing = [name for name in names if getattr(settings, name) is None]
    if not missing:
        return settings
    try:
        kept = _kept_secrets(settings)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{', '.join('BACKSTOP_' + name.upper() for name in missing)} not given, and the secrets in "
            f"{settings.data_dir} can be neither read nor made: {error}"
        ) from error
    return settings.model_copy(update={name: SecretStr(kept[name]) for name in missing})


def _kept_secrets(settings: Settings) -> dict[str, str]:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.data_dir / "secrets.toml"
    kept: dict[str, str] = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    made = {name: secrets.token_urlsafe(32) for name in SECRET_NAMES if name not in kept}
    if made:
        kept |= made
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.writelines(f'{name} = "{value}"\n' for name, value in kept.items())
        temporary.replace(path)
    return kept
