"""Where a DOI is shown to lead."""

from repository.core.settings import Settings


def doi_url(settings: Settings, doi: str) -> str:
    """At doi.org; at this site's own resolver where DOIs are minted for trying only."""
    local = settings.pid_provider == "local" and doi.startswith(f"{settings.pid_prefix}/")
    return f"{settings.base_url}/doi/{doi}" if local else f"https://doi.org/{doi}"
