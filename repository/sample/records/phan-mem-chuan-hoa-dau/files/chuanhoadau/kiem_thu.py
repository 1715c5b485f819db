from chuanhoadau import old_style, search_key


def test_tone_moves_to_the_first_vowel() -> None:
    assert old_style("hoà thuý quý toán") == "hòa thúy quý toán"


def test_search_key_has_no_marks() -> None:
    assert search_key("Dữ liệu Đồng bằng") == "du lieu dong bang"
