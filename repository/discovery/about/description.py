"""The repository described for registries: schema.org, re3data (schema 4.0), FAIRsharing.

Only what the software knows to be so; what an operator has to say (certificates, subjects) is
left out rather than guessed.
"""

from typing import Any

from repository.accounts.models import ANONYMOUS
from repository.core.work import Work
from repository.discovery.about.policies import POLICIES
from repository.discovery.overview import overview
from repository.formats import registry
from repository.records.metadata.licences import LICENCES
from repository.web.urls import absolute_url

STANDARDS = (
    ("DataCite Metadata Schema", "https://schema.datacite.org/"),
    ("Dublin Core", "https://www.dublincore.org/specifications/dublin-core/dcmi-terms/"),
    ("DCAT", "https://www.w3.org/TR/vocab-dcat-3/"),
    ("DDI Codebook", "https://ddialliance.org/ddi-codebook"),
    ("ISO 19115", "https://www.iso.org/standard/53798.html"),
    ("RO-Crate", "https://www.researchobject.org/ro-crate/"),
)


def apis(base: str) -> list[tuple[str, str]]:
    """Kind, as re3data calls it where it has a word, and address."""
    return [
        ("REST", f"{base}/api/docs"),
        ("OAI-PMH", f"{base}/oai2d"),
        ("CKAN", f"{base}/api/3/action/"),
        ("ResourceSync", f"{base}/.well-known/resourcesync"),
        ("DCAT", f"{base}/catalog.ttl"),
        ("other", f"{base}/dumps/"),
    ]


def description(work: Work) -> dict[str, Any]:
    settings = work.settings
    base, count = settings.base_url, overview(work, ANONYMOUS).total
    policies = [absolute_url("discovery.policy", policy=name) for name in POLICIES]
    publisher = {"@type": "Organization", "name": settings.publisher, "email": settings.admin_email}
    return {
        "@context": "https://schema.org/",
        "@type": "DataCatalog",
        "@id": f"{base}/#catalog",
        "url": f"{base}/",
        "name": settings.site_name,
        "alternateName": settings.site_name_en,
        "inLanguage": ["vi", "en"],
        "publisher": publisher,
        "contactPoint": {"@type": "ContactPoint", "email": settings.admin_email},
        "isAccessibleForFree": True,
        "publishingPrinciples": policies,
        "encodingFormat": sorted({f.media_type.split(";")[0] for f in registry.formats()}),
        "size": {"@type": "QuantitativeValue", "value": count, "unitText": "records"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{base}/search?q={{query}}",
            "query-input": "required name=query",
        },
        "subjectOf": [
            {"@type": "DataDownload", "name": "Metadata dumps", "contentUrl": f"{base}/dumps/"}
        ],
        "re3data": _re3data(work, count),
        "fairsharing": {
            "name": settings.site_name_en,
            "homepage": f"{base}/",
            "record_type": "repository",
            "contacts": [{"contact_email": settings.admin_email}],
            "support_links": [{"type": "Contact form", "url": f"{base}/about"}],
            "data_access": [{"type": kind, "url": url} for kind, url in apis(base)],
            "data_deposition_condition": {"url": policies[5]},
            "data_preservation_policy": {"url": policies[0]},
            "resource_sustainability": {"url": policies[2]},
            "related_standards": [name for name, _ in STANDARDS],
        },
    }


def _re3data(work: Work, count: int) -> dict[str, Any]:
    settings = work.settings
    base = settings.base_url
    page = {name: absolute_url("discovery.policy", policy=name) for name in POLICIES}
    return {
        "repositoryName": {"language": "vie", "value": settings.site_name},
        "additionalName": [{"language": "eng", "value": settings.site_name_en}],
        "repositoryURL": f"{base}/",
        "repositoryContact": [settings.admin_email],
        "type": ["institutional"],
        "repositoryLanguage": ["vie", "eng"],
        "size": {"value": f"{count} records", "updated": work.clock.now().date().isoformat()},
        "providerType": ["dataProvider"],
        "institution": [{"institutionName": settings.publisher}],
        "policy": [{"policyName": name, "policyURL": url} for name, url in page.items()],
        "databaseAccess": {"databaseAccessType": "open"},
        "dataAccess": [{"dataAccessType": kind} for kind in ("open", "embargoed", "restricted")],
        "dataLicense": [{"name": each.spdx, "url": each.link} for each in LICENCES],
        "dataUpload": {"dataUploadType": "restricted", "restriction": "registration"},
        "software": [{"softwareName": "other"}],
        "versioning": "yes",
        "api": [{"apiType": kind, "apiURL": url} for kind, url in apis(base)],
        "pidSystem": ["DOI", "ARK"] if settings.pid_provider != "none" else ["ARK"],
        "citationGuidelineURL": f"{base}/about",
        "aidSystem": ["ORCID", "ROR"],
        "enhancedPublication": "yes",
        "qualityManagement": "yes",
        "metadataStandard": [{"name": name, "url": url} for name, url in STANDARDS],
        "syndication": [{"syndicationType": "ATOM", "syndicationURL": f"{base}/feed.atom"}],
    }
