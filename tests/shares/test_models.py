"""What is known of a share, and what is kept of its token."""

from dataclasses import replace
from datetime import UTC, datetime
import json
from typing import Any

import pytest

from custom_components.axis_recordings.shares.models import (
    Share,
    digest_of,
    new_token,
    share_visited_by,
)
from custom_components.axis_recordings.users.requester import Requester

from .sharing import made_up

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def test_tokens_are_long_and_random() -> None:
    """They have 192 bits, and nothing but their digest is kept."""
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    for token in tokens:
        assert len(token) == 32
        share = made_up("entry", token)
        for kept in (repr(share), json.dumps(share.to_json())):
            assert token not in kept
    assert len({digest_of(token) for token in tokens}) == 100


@pytest.mark.parametrize("text", ["", "x", "é" * 32, "\ud800" * 32, "x" * 10_000])
def test_what_is_no_token(text: str) -> None:
    """Whatever an address holds is looked up like one."""
    assert digest_of(text) != digest_of(new_token())


@pytest.mark.parametrize(
    "share",
    [
        made_up("entry"),
        made_up("entry", user_id="user", names_camera=False),
        made_up("entry", is_original=True),
        replace(made_up("entry"), openings=3, last_opened=NOW),
    ],
)
def test_is_stored_whole(share: Share) -> None:
    """What is read is what was written."""
    assert Share.from_json(json.loads(json.dumps(share.to_json()))) == share


def test_stored_by_former_versions() -> None:
    """They did not say whether the camera's own file was wanted: it is not shared."""
    item = made_up("entry", is_original=True).to_json()
    del item["is_original"]
    assert not Share.from_json(item).is_original


@pytest.mark.parametrize(
    "change",
    [
        {"start": "yesterday"},
        {"expires": "2026-11-29T00:00:00"},
        {"openings": "many"},
        {"last_opened": 3},
    ],
)
def test_makes_no_sense(change: dict[str, Any]) -> None:
    """It is told from what does."""
    with pytest.raises((TypeError, ValueError)):
        Share.from_json(made_up("entry").to_json() | change)


def test_visitors() -> None:
    """They are told from users, and those of one share from others."""
    share = made_up("entry")
    assert share_visited_by(share.visitor) == share.share_id
    assert share_visited_by(made_up("entry").visitor) != share.share_id
    assert share_visited_by(Requester(user_id="user")) is None
    assert share_visited_by(Requester()) is None
