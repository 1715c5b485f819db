"""The invented institutions and collections of a demo, and which sample records are in them."""

from dataclasses import dataclass

RIVER = "Sông ngòi, mưa và biển: dữ liệu để sống cùng nước. *Dữ liệu mẫu, tổ chức hư cấu.*"
RIVER_EN = "Rivers, rain and the sea: data for living with water. *Sample data, invented.*"
EARTH = "Đất, rừng và động vật hoang dã. *Dữ liệu mẫu, tổ chức hư cấu.*"
EARTH_EN = "Soil, forests and wildlife. *Sample data, an invented institution.*"
PEOPLE = "Sức khỏe, giáo dục, ngôn ngữ và di sản. *Dữ liệu mẫu, tổ chức hư cấu.*"
PEOPLE_EN = "Health, education, language and heritage. *Sample data, an invented institution.*"


@dataclass(frozen=True)
class SampleCollection:
    """`members` are roles in it by the role of the demo user; `records` are slugs of samples."""

    slug: str
    kind: str
    title_vi: str
    title_en: str
    description_vi: str
    description_en: str
    submission: str
    members: dict[str, str]
    records: tuple[str, ...]
    parent: str = ""
    checklist: str = ""


CHECKLIST = """Tên và tóm tắt nói đúng nội dung
Đơn vị đo và tên cột được giải thích
Giấy phép phù hợp
Không có dữ liệu cá nhân"""
SAMPLE_COLLECTIONS = (
    SampleCollection(
        slug="vien-nuoc-va-bien",
        kind="institution",
        title_vi="Viện Nước và Biển (mẫu)",
        title_en="Institute of Water and Sea (sample)",
        description_vi=RIVER,
        description_en=RIVER_EN,
        submission="review",
        members={"curator": "manager", "researcher": "submitter"},
        checklist=CHECKLIST,
        records=("ap-phich-ran-san-ho", "san-luong-khai-thac-ca", "ke-hoach-quan-ly-du-lieu"),
    ),
    SampleCollection(
        slug="cuu-long",
        kind="project",
        title_vi="Châu thổ Cửu Long: mặn, tôm và lúa",
        title_en="The Mekong delta: salt, shrimp and rice",
        description_vi="Dữ liệu của đề tài về châu thổ sông Cửu Long. *Dữ liệu mẫu.*",
        description_en="Data of a project on the Mekong delta. *Sample data.*",
        submission="members",
        members={"curator": "curator", "researcher": "submitter"},
        parent="vien-nuoc-va-bien",
        records=(
            *("ao-tom-quang-canh", "xam-nhap-man-cuu-long", "tuyen-tap-cuu-long"),
            *("nang-suat-lua-dong-thap", "bai-bao-du-lieu-mua"),
        ),
    ),
    SampleCollection(
        slug="song-hong",
        kind="collection",
        title_vi="Quan trắc lưu vực sông Hồng",
        title_en="Observations of the Red River basin",
        description_vi="Mưa, mực nước và không khí ở lưu vực sông Hồng. *Dữ liệu mẫu.*",
        description_en="Rain, water levels and air in the Red River basin. *Sample data.*",
        submission="open",
        members={"researcher": "curator"},
        parent="vien-nuoc-va-bien",
        records=("luong-mua-ha-noi", "muc-nuoc-song-hong", "bui-min-ha-noi"),
    ),
    SampleCollection(
        slug="vien-dat-va-rung",
        kind="institution",
        title_vi="Viện Đất và Rừng (mẫu)",
        title_en="Institute of Land and Forests (sample)",
        description_vi=EARTH,
        description_en=EARTH_EN,
        submission="review",
        members={"curator": "curator"},
        checklist=CHECKLIST,
        records=(
            *("ban-do-dat-luu-vuc", "bay-anh-cat-ba", "bo-anh-la-cay", "cam-bien-nha-kinh"),
            *("dong-dat-tay-bac", "giong-lua-chiu-han", "lu-quet-mien-nui-bac"),
            *("mo-hinh-sinh-khoi-rung", "nhiet-do-tay-nguyen", "o-tieu-chuan-rung-ngap-man"),
            "quy-trinh-anh-ve-tinh",
        ),
    ),
    SampleCollection(
        slug="trung-tam-con-nguoi",
        kind="institution",
        title_vi="Trung tâm Dữ liệu Con người và Xã hội (mẫu)",
        title_en="Centre for Data on People and Society (sample)",
        description_vi=PEOPLE,
        description_en=PEOPLE_EN,
        submission="review",
        members={"curator": "manager"},
        checklist=CHECKLIST,
        records=(
            *("bai-giang-thong-ke-mo-ta", "bien-the-gen-dan-toc", "cau-song-ngu-khoa-hoc"),
            *("cong-chieng-tay-nguyen", "khai-quat-go-mo", "khao-sat-ho-gia-dinh-so"),
            *("sot-xuat-huyet-tuan", "suc-khoe-hoc-duong", "thanh-dieu-tieng-viet"),
            "thong-ke-giao-duc-vung",
        ),
    ),
    SampleCollection(
        slug="khoa-hoc-mo",
        kind="theme",
        title_vi="Khoa học mở và công nghệ",
        title_en="Open science and technology",
        description_vi="Phần mềm, vật liệu, giao thông và cách làm khoa học mở. *Dữ liệu mẫu.*",
        description_en="Software, materials, transport and open science. *Sample data.*",
        submission="open",
        members={"curator": "curator", "researcher": "reader"},
        records=(
            *("be-tong-tro-bay", "chi-so-doi-moi-sang-tao", "dem-xe-nut-giao"),
            *("dien-mat-troi-ninh-thuan", "nhieu-xa-perovskite", "phan-mem-chuan-hoa-dau"),
            *("trinh-bay-khoa-hoc-mo", "xe-buyt-thanh-vinh"),
        ),
    ),
)
