"""What vendors document that they send, each body with what it must become. One module a vendor.

Each module has `VENDOR` (made with credentials of nobody), `proven(body)`, which gives the call of a body as the vendor
proves it (signed here anew, not by the code under test), `SHAPES`, and `PROFILE`: words of profiles in its bodies.
"""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from tests.vendors.recorded import line, messenger, signal, twilio, viber, vonage, wechat, whatsapp

MODULES: Mapping[str, ModuleType] = MappingProxyType(
    {
        "whatsapp": whatsapp,
        "line": line,
        "vonage": vonage,
        "messenger": messenger,
        "twilio": twilio,
        "viber": viber,
        "wechat": wechat,
        "signal": signal,
    }
)
