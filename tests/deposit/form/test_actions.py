from repository.deposit.form.actions import change
from repository.deposit.form.rows import parse
from repository.deposit.form.schema import FORM


def test_rows_are_added_removed_and_moved() -> None:
    form = parse([("creators/0/name", "a"), ("creators/3/name", "b")], FORM)
    assert change(form, FORM, "add:creators") == "creators/4"
    assert change(form, FORM, "add:creators/3/affiliations") == "creators/3/affiliations/0"
    assert change(form, FORM, "up:creators/3") == "creators/3"
    assert [row.key for row in form.groups["creators"]] == ["3", "0", "4"]
    assert change(form, FORM, "down:creators/4") == "creators/4"
    assert change(form, FORM, "remove:creators/0") == "creators/4"
    assert [row.key for row in form.groups["creators"]] == ["3", "4"]
    assert change(form, FORM, "remove:creators/3/affiliations/0") == "creators/3/affiliations"


def test_other_buttons_and_rows_that_are_not_there() -> None:
    form = parse([("creators/0/name", "a")], FORM)
    for action in ("save", "add:", "add:nothing", "up:creators/9", "remove:creators", "up:x/0/y/1"):
        assert change(form, FORM, action) is None
    assert len(form.groups["creators"]) == 1
