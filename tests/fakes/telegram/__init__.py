"""A faithful fake of the Bot API server: what it refuses, the real one refuses too.

Written from the Bot API's documentation and the public server's behaviour: long polling with confirmation by offset
and expiry, 409 for two askers, webhooks first-in-first-out for each key with retries, limits in UTF-16 units,
48 hours for deleting, 150 seconds for answering a tap, and faults on demand.
"""

from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.people import Person
from tests.fakes.telegram.server import FakeTelegram, serving

__all__ = ["FakeTelegram", "Fault", "Person", "serving"]
