"""A mail server that keeps what it is given, and the port it listens at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mail_servers import Post, serving


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def port(post: Post) -> Iterator[int]:
    with serving(post) as number:
        yield number
