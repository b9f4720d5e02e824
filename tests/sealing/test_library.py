"""The vendored library: pinned, with its licences, and run by an engine of 2021."""

import base64
import os
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pyrage import x25519

from bot.privacy.age import is_age_file
from bot.web.page import library_integrity

WEB = Path(__file__).resolve().parents[2] / "bot" / "web"
STATIC = WEB / "static"
LIBRARY = STATIC / "age.js"
PIN = tomllib.loads((WEB / "vendor" / "age.toml").read_text())
BROWSER = """
globalThis.crypto = { getRandomValues(array) {
  const hex = randomHex(array.length);
  for (let at = 0; at < array.length; at++) array[at] = parseInt(hex.substr(2 * at, 2), 16);
  return array;
} };
globalThis.TextEncoder = class { encode(text) {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (char) => char.charCodeAt(0));
} };
globalThis.setTimeout = (call) => Promise.resolve().then(call);
"""
"""What an engine without a browser lacks: randomness, UTF-8, a clock."""
SEALED = """
const encrypter = new age.Encrypter();
recipients.split(" ").forEach((recipient) => encrypter.addRecipient(recipient));
var sealed = "";
encrypter.encrypt(new Uint8Array(size).fill(32)).then(
  (bytes) => { sealed = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join(""); },
  (error) => { sealed = String(error); }
);
"""


def test_it_is_what_was_pinned_and_the_page_runs_nothing_else() -> None:
    digest = sha256(LIBRARY.read_bytes())

    assert digest.hexdigest() == PIN["sha256"]
    assert library_integrity() == "sha256-" + base64.b64encode(digest.digest()).decode()


def test_each_package_in_it_is_named_with_its_version_and_its_licence() -> None:
    licences = (STATIC / "age.licences.txt").read_text()
    lock = (WEB / "vendor" / "package-lock.json").read_text()

    assert PIN["versions"]["age-encryption"] in LIBRARY.read_text()[:200]
    for package, version in PIN["versions"].items():
        assert f"{package} {version}\n" in licences
        assert f'"node_modules/{package}": {{\n      "version": "{version}"' in lock


@pytest.fixture
def engine() -> Any:
    """QuickJS of March 2021: it knows ES2020, and nothing of what came later."""
    quickjs = pytest.importorskip("quickjs", reason="has no wheel for this Python")
    context = quickjs.Context()
    context.add_callable("randomHex", lambda size: os.urandom(size).hex())
    context.eval(BROWSER)
    assert context.eval("typeof Object.hasOwn + typeof [].at") == "undefinedundefined", "an engine of 2021"
    return context


@pytest.mark.parametrize(("size", "keys"), [(4096, 1), (65536, 3), ((1 << 20) + 4096, 2)])
def test_what_an_engine_of_2021_seals_opens_with_each_key(size: int, keys: int, engine: Any) -> None:
    identities = [x25519.Identity.generate() for _ in range(keys)]
    engine.eval(LIBRARY.read_text())
    engine.set("recipients", " ".join(str(identity.to_public()) for identity in identities))
    engine.set("size", size)
    engine.eval(SEALED)
    while engine.execute_pending_job():
        pass
    sealed = bytes.fromhex(engine.get("sealed"))

    assert is_age_file(sealed)
    assert all(pyrage.decrypt(sealed, [identity]) == b" " * size for identity in identities)


@pytest.mark.parametrize("script", sorted(path.name for path in STATIC.glob("*.js")))
def test_every_script_that_is_served_can_be_read_by_an_engine_of_2021(script: str, engine: Any) -> None:
    """This engine has no page and no other modules: a script ends where it asks for one; a slip ends it before."""
    with pytest.raises(Exception, match=r"^ReferenceError: (could not load module|'(document|window)')"):
        engine.module((STATIC / script).read_text() + "\nwindow;")
