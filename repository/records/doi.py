"""Where a DOI is shown to lead."""

from repository.core.settings import Settings


def doi_url(doi: str, site: str, test_prefix: str) -> str:
    """At doi.org; at this site's own resolver where it is minted for trying only."""
    local = bool(test_prefix) and doi.startswith(f"{test_prefix}/")
    return f"{site}/doi/{doi}" if local else f"https://doi.org/{doi}"


def trial_prefix(settings: Settings) -> str:
    """The prefix of DOIs that no registry knows; empty where there are none of that kind."""
    return settings.pid_prefix if settings.pid_provider == "local" else ""
