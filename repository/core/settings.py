"""Every setting there is, read from `REPOSITORY_*` in this one place."""

import re
import secrets
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
GB = 1000**3
COUNTRY = r"^([A-Z]{2})?$"
SHORT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,13}")
DEMO_SECRET_KEY = "demo-secret-key-never-for-a-public-server"  # noqa: S105 - refused by serve


class StoreSettings(BaseModel):
    """A further store: `REPOSITORY_STORES__NAME__ENDPOINT` and so on. `country` is where its disks
    stand, as two letters (ISO 3166-1).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = "s3"
    folder: Path = Path()
    endpoint: str = ""
    bucket: str = "repository"
    access_key: str = ""
    secret_key: SecretStr = SecretStr("")
    region: str = "us-east-1"
    secure: bool = True
    browser_url: str = ""
    country: str = Field(default="", pattern=COUNTRY)

    @model_validator(mode="after")
    def _told_where(self) -> "StoreSettings":
        if self.kind == "local" and not self.folder.is_absolute():
            raise ValueError("FOLDER has to be a whole path")
        if self.kind == "s3" and not self.endpoint:
            raise ValueError("ENDPOINT is missing")
        return self


class ProviderSettings(BaseModel):
    """An identity provider that people sign in by: `REPOSITORY_OIDC__NAME__ISSUER` and so on.

    `claims` are those that access can be given by. `grant_days` are for how long after a person's
    last sign-in there what was given to the provider's people is theirs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str
    client_id: str
    client_secret: SecretStr = SecretStr("")
    client_secret_file: Path | None = None
    title: str = ""
    title_en: str = ""
    scopes: str = "openid email profile"
    claims: tuple[str, ...] = ("schac_home_organization", "eduperson_scoped_affiliation")
    new_accounts: bool = True
    grant_days: int = Field(default=30, ge=1, le=365)
    timeout: float = Field(default=8.0, gt=0, le=60)
    allow_private: bool = False

    @model_validator(mode="after")
    def _can_be_asked(self) -> "ProviderSettings":
        if not self.issuer.startswith(
            ("https://", "http://") if self.allow_private else "https://"
        ):
            raise ValueError("ISSUER has to start with https://")
        if "openid" not in self.scopes.split():
            raise ValueError("SCOPES has to hold openid")
        return self

    @property
    def secret(self) -> str:
        """Empty for a public client. Raises OSError where the file cannot be read."""
        if self.client_secret_file is not None:
            return self.client_secret_file.read_text().strip()
        return self.client_secret.get_secret_value()


class Settings(BaseSettings):
    """One frozen object, made once and passed down; nothing else reads the environment.

    Sizes are bytes and durations seconds. `docs/how-to/settings.md` tells operators of each.
    """

    model_config = SettingsConfigDict(
        env_prefix="REPOSITORY_", env_nested_delimiter="__", frozen=True, extra="ignore"
    )

    data_dir: Path = Path("data")
    base_url: str = "http://127.0.0.1:5000"
    secret_key: SecretStr = SecretStr(DEMO_SECRET_KEY)
    site_name: str = "Kho dữ liệu nghiên cứu"
    site_name_en: str = "Research Data Repository"
    publisher: str = "Kho dữ liệu nghiên cứu"
    admin_email: str = "admin@example.org"
    security_contact: str = ""
    policies_dir: Path | None = None
    dumps_keep: int = Field(default=3, ge=1, le=365)
    default_locale: Literal["vi", "en"] = "vi"
    timezone: str = "Asia/Ho_Chi_Minh"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    proxy_hops: int = Field(default=0, ge=0, le=5)
    web_workers: int = Field(default=2, ge=1, le=64)
    web_threads: int = Field(default=8, ge=1, le=64)

    database_url: str = ""
    database_pool_size: int = Field(default=16, ge=1, le=100)

    storage: str = "local"
    s3_endpoint: str = ""
    s3_bucket: str = "repository"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")
    s3_region: str = "us-east-1"
    s3_secure: bool = True
    s3_browser_url: str = ""
    signed_seconds: int = Field(default=900, ge=1, le=7 * 86_400)
    storage_country: str = Field(default="", pattern=COUNTRY)
    stores: dict[str, StoreSettings] = {}
    store_grace_days: int = Field(default=7, ge=0, le=365)

    broker_url: SecretStr = SecretStr("")
    worker_processes: int = Field(default=2, ge=1, le=64)
    job_retry_seconds: float = Field(default=30.0, gt=0)
    job_max_attempts: int = Field(default=12, ge=1)
    job_lease_seconds: float = Field(default=60.0, gt=0)

    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = ""
    smtp_timeout: float = Field(default=15.0, gt=0, le=120)

    accel_prefix: str = ""
    robots_file: str = ""
    search_engine: str = "tantivy"
    pid_provider: str = "local"
    pid_prefix: str = "10.5072"
    ark_naan: str = Field(default="99999", pattern=r"^[0-9bcdfghjkmnpqrstvwxz]{5,12}$")
    datacite_url: str = "https://api.datacite.org"
    datacite_prefix: str = ""
    datacite_username: str = ""
    datacite_password: SecretStr = SecretStr("")
    datacite_rate_limit: int = Field(default=300, ge=1)
    datacite_rate_seconds: float = Field(default=300.0, gt=0)
    datacite_timeout: float = Field(default=20.0, gt=0, le=300)
    prefill: bool = False
    prefill_datacite_url: str = "https://api.datacite.org"
    prefill_crossref_url: str = "https://api.crossref.org"
    prefill_orcid_url: str = "https://pub.orcid.org"
    prefill_ror_url: str = "https://api.ror.org"
    prefill_timeout: float = Field(default=8.0, gt=0, le=60)
    prefill_allow_private: bool = False
    contact_checks: bool = False
    link_checks: Literal["off", "public", "any"] = "off"
    oai_page_size: int = Field(default=250, ge=1, le=1000)
    oai_identifier_domain: str = ""
    oai_concurrency: int = Field(default=4, ge=1, le=64)
    oai_friends: tuple[str, ...] = ()
    oai_metadata_rights: str = ""
    oai_icon_url: str = ""
    harvest_timeout: float = Field(default=60.0, gt=0, le=300)
    harvest_inside: tuple[str, ...] = ()
    harvest_max_records: int = Field(default=200_000, gt=0)

    fixity_interval_days: int = Field(default=90, ge=1, le=3650)
    fixity_bytes_per_second: int = Field(default=32 * MIB, gt=0)
    backup_target: str = ""
    backup_access_key: str = ""
    backup_secret_key: SecretStr = SecretStr("")
    backup_region: str = "us-east-1"
    backup_encrypted: bool = False
    backup_country: str = Field(default="", pattern=COUNTRY)
    backup_identity: str = ""
    backup_recipients: tuple[str, ...] = ()
    postgres_programs: str = ""

    table_max_bytes: int = Field(default=GIB, gt=0)
    table_memory: int = Field(default=512 * MIB, ge=128 * MIB)
    table_processes: int = Field(default=2, ge=1, le=64)
    table_cache_bytes: int = Field(default=10 * GIB, gt=0)

    clamd: str = Field(default="", pattern=r"^(|unix:/.+|tcp:.+:[0-9]+)$")
    clamd_max_bytes: int = Field(default=100 * MIB, gt=0)
    url_files: bool = False
    url_files_timeout: float = Field(default=30.0, gt=0, le=300)
    url_files_inside: tuple[str, ...] = ()
    upload_part_size: int = Field(default=16 * MIB, ge=64 * KIB)
    upload_days: int = Field(default=7, ge=1, le=365)
    upload_job_bytes: int = Field(default=256 * MIB, ge=0)
    max_file_size: int = Field(default=50 * GIB, gt=0)
    quota_user_bytes: int = Field(default=1000 * GB, ge=0)
    quota_user_files: int = Field(default=0, ge=0)
    quota_record_bytes: int = Field(default=200 * GB, ge=0)
    quota_record_files: int = Field(default=0, ge=0)
    max_files_per_version: int = Field(default=100_000, gt=0)
    max_request_json: int = Field(default=4 * MIB, gt=0)
    rate_limit: str = "600 per minute"
    rate_limit_tables: str = "120 per minute"
    rate_limit_sign_in: str = "10 per minute"
    registration_open: bool = True
    require_two_factor: Literal["nobody", "staff", "everyone"] = "nobody"
    session_hours: int = Field(default=12, ge=1)
    oidc: dict[str, ProviderSettings] = {}

    @field_validator("base_url")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("stores", "oidc")
    @classmethod
    def _named(cls, value: dict[str, BaseModel]) -> dict[str, BaseModel]:
        for name in value:
            if not SHORT_NAME.fullmatch(name):
                raise ValueError(f"{name}: a name has at most 14 letters and digits")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def is_demo_secret(self) -> bool:
        return secrets.compare_digest(self.secret_key.get_secret_value(), DEMO_SECRET_KEY)

    @property
    def resolved_database_url(self) -> str:
        """The SQLAlchemy URL; the embedded SQLite file where none was configured."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'repository.db'}"
