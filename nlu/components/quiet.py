"""Sets the process up for Rasa before Rasa is imported: silent, offline, without what is not installed.

Rasa logs what people wrote at its default level, and reports its use unless told not to.
"""

import logging
import os
import warnings

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
warnings.showwarning = lambda *_, **__: None  # Rasa resets filters, and a warning may quote what it is about

import nlu.components.absent  # noqa: E402, F401
import structlog  # noqa: E402

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
logging.basicConfig(level=logging.ERROR)
logging.getLogger("rasa").setLevel(logging.ERROR)
