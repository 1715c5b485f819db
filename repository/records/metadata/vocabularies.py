"""The controlled lists of DataCite Metadata Schema 4.7, in Vietnamese and English.

Appendix 1 of the schema's documentation; ids follow InvenioRDM's vocabularies.
"""

from repository.records.metadata.licences import LICENCES
from repository.records.metadata.resource_types import RESOURCE_TYPES
from repository.records.metadata.vocabulary import listed, plain

__all__ = [
    "CONTRIBUTOR_TYPES",
    "DATE_TYPES",
    "DESCRIPTION_TYPES",
    "FUNDER_SCHEMES",
    "LICENCES",
    "NAME_SCHEMES",
    "NAME_TYPES",
    "NUMBER_TYPES",
    "RELATED_SCHEMES",
    "RELATION_TYPES",
    "RESOURCE_TYPES",
    "TITLE_TYPES",
]

TITLE_TYPES = listed(
    "title types",
    ("alternative-title", "AlternativeTitle", "Nhan đề khác", "Alternative title"),
    ("subtitle", "Subtitle", "Phụ đề", "Subtitle"),
    ("translated-title", "TranslatedTitle", "Nhan đề dịch", "Translated title"),
    ("other", "Other", "Khác", "Other"),
)

DESCRIPTION_TYPES = listed(
    "description types",
    ("abstract", "Abstract", "Tóm tắt", "Abstract"),
    ("methods", "Methods", "Phương pháp", "Methods"),
    ("series-information", "SeriesInformation", "Thông tin tùng thư", "Series information"),
    ("table-of-contents", "TableOfContents", "Mục lục", "Table of contents"),
    ("technical-info", "TechnicalInfo", "Thông tin kỹ thuật", "Technical info"),
    ("other", "Other", "Khác", "Other"),
)

CONTRIBUTOR_TYPES = plain(
    "contributor types",
    ("ContactPerson", "Người liên hệ", "Contact person"),
    ("DataCollector", "Người thu thập dữ liệu", "Data collector"),
    ("DataCurator", "Người biên tập dữ liệu", "Data curator"),
    ("DataManager", "Người quản lý dữ liệu", "Data manager"),
    ("Distributor", "Đơn vị phân phối", "Distributor"),
    ("Editor", "Biên tập viên", "Editor"),
    ("HostingInstitution", "Tổ chức lưu giữ", "Hosting institution"),
    ("Producer", "Đơn vị sản xuất", "Producer"),
    ("ProjectLeader", "Chủ nhiệm đề tài", "Project leader"),
    ("ProjectManager", "Người quản lý dự án", "Project manager"),
    ("ProjectMember", "Thành viên đề tài", "Project member"),
    ("RegistrationAgency", "Tổ chức đăng ký", "Registration agency"),
    ("RegistrationAuthority", "Cơ quan có thẩm quyền đăng ký", "Registration authority"),
    ("RelatedPerson", "Người có liên quan", "Related person"),
    ("Researcher", "Nghiên cứu viên", "Researcher"),
    ("ResearchGroup", "Nhóm nghiên cứu", "Research group"),
    ("RightsHolder", "Chủ sở hữu quyền", "Rights holder"),
    ("Sponsor", "Nhà tài trợ", "Sponsor"),
    ("Supervisor", "Người hướng dẫn", "Supervisor"),
    ("Translator", "Người dịch", "Translator"),
    ("WorkPackageLeader", "Trưởng gói công việc", "Work package leader"),
    ("Other", "Vai trò khác", "Other"),
)

DATE_TYPES = plain(
    "date types",
    ("Accepted", "Ngày chấp nhận", "Accepted"),
    ("Available", "Ngày công khai", "Available"),
    ("Collected", "Thời gian thu thập", "Collected"),
    ("Copyrighted", "Ngày xác lập bản quyền", "Copyrighted"),
    ("Coverage", "Thời gian dữ liệu phản ánh", "Coverage"),
    ("Created", "Ngày tạo", "Created"),
    ("Issued", "Ngày phát hành", "Issued"),
    ("Submitted", "Ngày nộp", "Submitted"),
    ("Updated", "Ngày cập nhật", "Updated"),
    ("Valid", "Thời gian có hiệu lực", "Valid"),
    ("Withdrawn", "Ngày thu hồi", "Withdrawn"),
    ("Other", "Ngày khác", "Other"),
)

RELATION_TYPES = plain(
    "relation types",
    ("IsCitedBy", "Được trích dẫn bởi", "Is cited by"),
    ("Cites", "Trích dẫn", "Cites"),
    ("IsSupplementTo", "Bổ sung cho", "Is supplement to"),
    ("IsSupplementedBy", "Được bổ sung bởi", "Is supplemented by"),
    ("IsContinuedBy", "Được tiếp nối bởi", "Is continued by"),
    ("Continues", "Tiếp nối", "Continues"),
    ("IsDescribedBy", "Được mô tả bởi", "Is described by"),
    ("Describes", "Mô tả", "Describes"),
    ("HasMetadata", "Có siêu dữ liệu là", "Has metadata"),
    ("IsMetadataFor", "Là siêu dữ liệu của", "Is metadata for"),
    ("HasVersion", "Có phiên bản", "Has version"),
    ("IsVersionOf", "Là phiên bản của", "Is version of"),
    ("IsNewVersionOf", "Là phiên bản mới của", "Is new version of"),
    ("IsPreviousVersionOf", "Là phiên bản trước của", "Is previous version of"),
    ("IsPartOf", "Là một phần của", "Is part of"),
    ("HasPart", "Có phần", "Has part"),
    ("IsPublishedIn", "Được công bố trong", "Is published in"),
    ("IsReferencedBy", "Được dẫn chiếu bởi", "Is referenced by"),
    ("References", "Dẫn chiếu đến", "References"),
    ("IsDocumentedBy", "Được giải thích trong", "Is documented by"),
    ("Documents", "Giải thích", "Documents"),
    ("IsCompiledBy", "Được biên dịch bởi", "Is compiled by"),
    ("Compiles", "Biên dịch", "Compiles"),
    ("IsVariantFormOf", "Là dạng khác của", "Is variant form of"),
    ("IsOriginalFormOf", "Là dạng gốc của", "Is original form of"),
    ("IsIdenticalTo", "Giống hệt với", "Is identical to"),
    ("IsReviewedBy", "Được phản biện bởi", "Is reviewed by"),
    ("Reviews", "Phản biện", "Reviews"),
    ("IsDerivedFrom", "Được tạo ra từ", "Is derived from"),
    ("IsSourceOf", "Là nguồn của", "Is source of"),
    ("IsRequiredBy", "Được yêu cầu bởi", "Is required by"),
    ("Requires", "Yêu cầu", "Requires"),
    ("IsObsoletedBy", "Được thay thế bởi", "Is obsoleted by"),
    ("Obsoletes", "Thay thế", "Obsoletes"),
    ("IsCollectedBy", "Được thu thập bởi", "Is collected by"),
    ("Collects", "Thu thập", "Collects"),
    ("IsTranslationOf", "Là bản dịch của", "Is translation of"),
    ("HasTranslation", "Có bản dịch là", "Has translation"),
    ("Other", "Quan hệ khác", "Other"),
)

RELATED_SCHEMES = listed(
    "related identifier types",
    ("doi", "DOI", "DOI", "DOI"),
    ("url", "URL", "Địa chỉ web (URL)", "Web address (URL)"),
    ("handle", "Handle", "Handle", "Handle"),
    ("ark", "ARK", "ARK", "ARK"),
    ("arxiv", "arXiv", "arXiv", "arXiv"),
    ("ads", "bibcode", "Bibcode (ADS)", "Bibcode (ADS)"),
    ("cstr", "CSTR", "CSTR", "CSTR"),
    ("ean13", "EAN13", "EAN-13", "EAN-13"),
    ("eissn", "EISSN", "ISSN điện tử", "Electronic ISSN"),
    ("igsn", "IGSN", "Mẫu vật (IGSN)", "Physical sample (IGSN)"),
    ("isbn", "ISBN", "ISBN", "ISBN"),
    ("issn", "ISSN", "ISSN", "ISSN"),
    ("istc", "ISTC", "ISTC", "ISTC"),
    ("lissn", "LISSN", "ISSN liên kết", "Linking ISSN"),
    ("lsid", "LSID", "LSID", "LSID"),
    ("pmid", "PMID", "PubMed (PMID)", "PubMed (PMID)"),
    ("purl", "PURL", "PURL", "PURL"),
    ("raid", "RAiD", "Hoạt động nghiên cứu (RAiD)", "Research activity (RAiD)"),
    ("rrid", "RRID", "Nguồn lực nghiên cứu (RRID)", "Research resource (RRID)"),
    ("swh", "SWHID", "Software Heritage (SWHID)", "Software Heritage (SWHID)"),
    ("upc", "UPC", "UPC", "UPC"),
    ("urn", "URN", "URN", "URN"),
    ("w3id", "w3id", "w3id", "w3id"),
)

NAME_SCHEMES = plain(
    "name identifier schemes",
    ("ORCID", "ORCID", "ORCID"),
    ("ROR", "ROR", "ROR"),
    ("ISNI", "ISNI", "ISNI"),
    ("GND", "GND", "GND"),
    ("GRID", "GRID", "GRID"),
    ("Wikidata", "Wikidata", "Wikidata"),
    ("VIAF", "VIAF", "VIAF"),
)

FUNDER_SCHEMES = listed(
    "funder identifier types",
    ("ror", "ROR", "ROR", "ROR"),
    ("crossreffunderid", "Crossref Funder ID", "Crossref Funder ID", "Crossref Funder ID"),
    ("isni", "ISNI", "ISNI", "ISNI"),
    ("grid", "GRID", "GRID", "GRID"),
    ("other", "Other", "Loại khác", "Other"),
)

NUMBER_TYPES = plain(
    "number types",
    ("Article", "Số bài báo", "Article"),
    ("Chapter", "Số chương", "Chapter"),
    ("Report", "Số báo cáo", "Report"),
    ("Other", "Số khác", "Other"),
)

NAME_TYPES = plain(
    "name types",
    ("Personal", "Cá nhân", "Personal"),
    ("Organizational", "Tổ chức", "Organizational"),
)
