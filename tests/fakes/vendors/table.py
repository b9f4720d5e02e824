"""The fakes, by the names of their rows."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

from aiohttp import web

from tests.fakes.serving import serving
from tests.fakes.vendors.base import FakeVendor
from tests.fakes.vendors.line import FakeLine
from tests.fakes.vendors.messenger import FakeMessenger
from tests.fakes.vendors.signal import FakeSignal
from tests.fakes.vendors.twilio import FakeTwilio
from tests.fakes.vendors.viber import FakeViber
from tests.fakes.vendors.vonage import FakeVonage
from tests.fakes.vendors.wechat import FakeWeChat
from tests.fakes.vendors.whatsapp import FakeWhatsApp

FAKES: Mapping[str, type[FakeVendor]] = MappingProxyType(
    {
        "whatsapp": FakeWhatsApp,
        "line": FakeLine,
        "vonage": FakeVonage,
        "messenger": FakeMessenger,
        "twilio": FakeTwilio,
        "viber": FakeViber,
        "wechat": FakeWeChat,
        "signal": FakeSignal,
    }
)


@asynccontextmanager
async def answering(fake: FakeVendor) -> AsyncIterator[FakeVendor]:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes(fake.routes())
    async with serving(app) as fake.url:
        yield fake
