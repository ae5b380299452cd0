"""Load Home Assistant before any pytest plugin imports httpx, which it replaces.

Needed as long as pytest-homeassistant-custom-component pins a Home Assistant older than 2026.11.
"""

import homeassistant  # noqa: F401
from homeassistant.components import logger

try:
    from homeassistant.components.logger import helpers
except ImportError:
    pass
else:
    if not hasattr(logger, "_clear_logger_overwrites") and hasattr(
        helpers, "_clear_logger_overwrites"
    ):
        setattr(  # noqa: B010
            logger, "_clear_logger_overwrites", helpers._clear_logger_overwrites
        )
