"""Which language a visitor is spoken to in."""

import pytest

from custom_components.axis_recordings.shares.languages import best_language

OFFERED = {"en", "de", "pt-BR", "zh-Hans"}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-CH, de;q=0.9, en;q=0.5", "de"),
        ("fr-FR, fr;q=0.9, de;q=0.2, en;q=0.1", "de"),
        ("en;q=0.2, de;q=0.8", "de"),
        ("en, de", "en"),
        ("PT-br", "pt-BR"),
        ("zh-hans-CN, zh", "en"),
        ("fr, *", "en"),
        ("de;q=0", "en"),
        ("de;q=much, en", "en"),
        (";;;,,,=", "en"),
        (", ".join(["xx"] * 20 + ["de"]), "en"),
    ],
)
def test_language(accepted: str, language: str) -> None:
    """It is the one that is liked most of those that there are, English if there is none."""
    assert best_language(accepted, OFFERED) == language
