from redis import Redis


def test_a_value_is_kept(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.get("word") is None
        client.set("word", "biển")
    with Redis.from_url(redis_url) as client:
        assert client.get("word") == "biển".encode()


def test_the_next_test_finds_it_empty(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
