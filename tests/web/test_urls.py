import pytest
from flask import Flask
from flask.testing import FlaskClient

from repository.web import urls


def show(number: int) -> str:
    return str(number)


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    urls.init_app(app)
    app.add_url_rule("/rows/<int:number>", view_func=show, endpoint="row")
    app.add_url_rule("/parts/<int(signed=True):number>", view_func=show, endpoint="part")
    return app.test_client()


@pytest.mark.parametrize("path", ["/rows/0", "/rows/9223372036854775807", "/parts/-5", "/parts/7"])
def test_numbers_that_a_database_counts(client: FlaskClient, path: str) -> None:
    assert client.get(path).text == path.split("/")[2]


@pytest.mark.parametrize(
    "path", ["/rows/9223372036854775808", "/parts/-9223372036854775808", "/rows/" + "9" * 5000]
)
def test_larger_ones_name_nothing(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
