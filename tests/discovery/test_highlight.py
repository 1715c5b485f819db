"""What of a text is shown in a list of results."""

from repository.discovery.highlight import Highlighter


def test_a_snippet_shows_words_side_by_side_rather_than_scattered() -> None:
    scattered = "Mẫu được lấy khi trời mưa, hậu quả được ghi lại, liệu có đủ. " + "Chữ. " * 80
    shown = Highlighter(["khi", "hau"]).snippet(
        f"{scattered}Số đo của trạm khí hậu. {'Chữ. ' * 80}"
    )
    assert "<mark>khí</mark> <mark>hậu</mark>" in shown
    assert shown.startswith("… ")


def test_a_word_that_comes_often_counts_once() -> None:
    often = "mưa mưa mưa mưa mưa. " + "Chữ. " * 80
    assert "<mark>gió</mark>" in Highlighter(["mưa", "gió"]).snippet(f"{often}Mưa, rồi gió.")


def test_the_description_that_was_found_is_the_one_shown() -> None:
    texts = ["Lượng mưa ngày.", "Daily rainfall & runoff."]
    assert Highlighter(["rainfall"]).best_snippet(texts) == (
        "Daily <mark>rainfall</mark> &amp; runoff.",
        1,
    )
    assert Highlighter(["nothing"]).best_snippet(texts) == ("Lượng mưa ngày.", 0)
    assert Highlighter([]).best_snippet(texts)[1] == 0


def test_a_subject_is_named_by_its_words_and_not_by_one_of_them() -> None:
    words = Highlighter(["khi", "hau", "lúa"])
    assert all(map(words.names, ("khí hậu", "biến đổi khí hậu", "Lúa")))
    assert not words.names("chất lượng không khí")
    assert not words.names("giống lúa mì")
    assert not Highlighter([]).names("")
