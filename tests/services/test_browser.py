import pytest
from playwright.sync_api import Page


@pytest.mark.browser
def test_a_page_is_read_and_typed_into(page: Page) -> None:
    page.set_content("<label>Từ khoá <input></label><output></output>")
    page.get_by_label("Từ khoá").fill("khí hậu")
    page.evaluate("document.querySelector('output').value = document.querySelector('input').value")
    assert page.locator("output").inner_text() == "khí hậu"
    assert page.evaluate("navigator.language") == "vi-VN"
