"""The site's policies: honest defaults beside the templates, the operator's own before them."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from repository.core.messages import N_
from repository.core.paths import templates_dir
from repository.core.settings import Settings
from repository.web.markdown import to_html

MAX_BYTES = 200_000
# In the order of the list; each is a file NAME.LANGUAGE.md.
POLICIES = {
    "preservation": N_("Preservation"),
    "retention": N_("Retention"),
    "continuity": N_("Continuity"),
    "withdrawal": N_("Withdrawal of data"),
    "privacy": N_("Privacy"),
    "deposit-agreement": N_("Deposit agreement"),
    "accessibility": N_("Accessibility"),
    "curation": N_("Curation levels"),
}


@dataclass(frozen=True)
class Policy:
    """`own` says whether the operator wrote it; `lang` is the language it is in."""

    title: str
    html: Markup
    lang: str
    own: bool


def policies_dir(settings: Settings) -> Path:
    return settings.policies_dir or settings.data_dir / "policies"


def read_policy(settings: Settings, name: str, language: str) -> Policy | None:
    """The policy in `language`, else in another; the operator's own text before ours.

    None for a name there is none of. A file that cannot be read counts as not there.
    """
    if name not in POLICIES:
        return None
    order = [language, *(other for other in ("vi", "en") if other != language)]
    for folder in (policies_dir(settings), templates_dir() / "policies"):
        for spoken in order:
            text = _read(folder / f"{name}.{spoken}.md")
            if text is not None:
                return _policy(settings, text, spoken, folder == policies_dir(settings))
    return None


def _read(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return None


def _policy(settings: Settings, text: str, language: str, own: bool) -> Policy:
    """The first line, `# Title`, is the page's heading."""
    site = settings.site_name if language == "vi" else settings.site_name_en
    for name, value in {
        "site_name": site,
        "publisher": settings.publisher,
        "admin_email": settings.admin_email,
        "base_url": settings.base_url,
    }.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    first, _, rest = text.lstrip("\ufeff\n").partition("\n")
    if not first.startswith("# "):
        return Policy("", to_html(text), language, own)
    return Policy(first[2:].strip(), to_html(rest), language, own)
