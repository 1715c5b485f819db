import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository.core.fold import (
    dictionary_key,
    fold,
    fold_text,
    has_marks,
    marked,
    marked_tokens,
    tokens,
)


def test_marks_are_forgotten() -> None:
    assert tokens("Dữ liệu KHÍ HẬU ở Đắk Lắk") == ["du", "lieu", "khi", "hau", "o", "dak", "lak"]


def test_both_unicode_forms_are_the_same() -> None:
    text = "Nghiên cứu biến đổi khí hậu"
    assert tokens(unicodedata.normalize("NFD", text)) == tokens(text)
    assert marked_tokens(unicodedata.normalize("NFD", text)) == marked_tokens(text)


@pytest.mark.parametrize(
    ("new", "old"), [("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"), ("HOÀ", "Hòa")]
)
def test_the_place_of_the_tone_does_not_matter(new: str, old: str) -> None:
    assert marked(new) == marked(old)


@pytest.mark.parametrize("word", ["quý", "hoàn", "toán", "tuyến"])
def test_a_tone_that_has_one_place_stays_there(word: str) -> None:
    assert marked(word) == word


def test_short_words_and_stop_words_stay() -> None:
    assert tokens("y tế ở An Giang, Cần Thơ") == ["y", "te", "o", "an", "giang", "can", "tho"]


def test_words_of_other_scripts() -> None:
    assert tokens("naïve_data ﬁne Straße m² 数据") == [
        *("naive", "data", "fine", "strasse", "m2", "数", "据"),
    ]


@given(st.text(max_size=200))
def test_any_text_gives_as_many_marked_tokens(text: str) -> None:
    assert len(tokens(text)) == len(marked_tokens(text))
    assert all(tokens(text))


@given(st.text(max_size=50))
def test_folding_again_changes_nothing(text: str) -> None:
    once = tokens(text)
    assert [fold(token) for token in once] == once


def test_who_typed_marks() -> None:
    assert has_marks("dương")
    assert not has_marks("duong")
    assert not has_marks("数据")


def test_dictionary_order() -> None:
    words = ["ư", "đa", "ân", "an", "ơ", "da", "ăn", "ba", "ô", "pa", "u"]
    expected = ["an", "ăn", "ân", "ba", "da", "đa", "ô", "ơ", "pa", "u", "ư"]
    assert sorted(words, key=lambda word: dictionary_key(fold_text(word).marked)) == expected


@given(st.text())
def test_a_text_folds_as_its_words_do(text: str) -> None:
    for each in (text, f"Dữ liệu, {text}; a-b {text} khí hậu"):
        folded = fold_text(each)
        assert folded.folded.split() == tokens(each)
        assert folded.marked.split() == marked_tokens(each)
