"""A canary never reaches the people on duty."""

from datetime import UTC, datetime
from uuid import uuid4

from bot.delivery.hotline import Hotline
from bot.model.delivery import Delivery
from tests.fakes.hotline import SECRET, FakeHotline

BODY = b'{"type": "part.sealed", "data": {}}'.ljust(4096)


async def test_a_canary_that_waits_when_the_test_intake_is_taken_away_goes_to_nobody(hotline: FakeHotline) -> None:
    sender = Hotline(hotline.url, [SECRET], None)
    now = datetime.now(UTC)
    for synthetic in (True, False):
        await sender.post(Delivery(str(synthetic), uuid4(), "part.sealed", 0, now, synthetic=synthetic), BODY)
    await sender.aclose()

    assert [event.webhook_id for event in hotline.arrived] == ["False"]
