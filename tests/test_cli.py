"""The commands, as typed by an operator or a newcomer."""

import json
from pathlib import Path

import pytest

from tests.fakes.hotline import SECRET, FakeHotline
from tests.fakes.nlu import FakeNlu
from tests.running import NOBODY, quietline


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"hotline_url": "http://127.0.0.1:9"}, "QUIETLINE_HOTLINE_SECRET"),
        ({"hotline_url": "ftp://x", "hotline_secret": SECRET, "hotline_keys": "age1x"}, "QUIETLINE_HOTLINE_URL"),
        ({"hotline_url": NOBODY, "hotline_secret": "zebra", "hotline_keys": "age1x"}, "QUIETLINE_HOTLINE_"),
        ({"hotline_url": NOBODY, "hotline_secret": SECRET, "hotline_keys": "zebra"}, "QUIETLINE_HOTLINE_KEYS"),
        ({"http_port": "zebra"}, "QUIETLINE_HTTP_PORT"),
        ({"data_key": "zebra"}, "QUIETLINE_DATA_KEY"),
        ({"silence_seconds": "0"}, "QUIETLINE_SILENCE_SECONDS"),
        ({"state_dir": "/proc/zebra"}, "QUIETLINE_STATE_DIR"),
    ],
    ids=range(8),
)
async def test_a_missing_or_wrong_setting_is_named_and_stops_the_program(
    settings: dict[str, str], named: str, tmp_path: Path
) -> None:
    code, out, err = await quietline("run", **{"state_dir": str(tmp_path / "state"), "http_port": "0", **settings})

    assert code == 2
    assert named in err
    assert "Traceback" not in err
    assert "state_dir" in settings or "zebra" not in out + err, "never its value"


async def test_a_lost_data_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "quietline.sqlite").touch()
    code, _, err = await quietline("run", state_dir=str(tmp_path), http_port="0")

    assert code == 2
    assert "QUIETLINE_DATA_KEY" in err


async def test_a_conversation_in_the_terminal_ends_as_a_ticket_that_opens(
    tmp_path: Path, to_hotline: dict[str, str], hotline: FakeHotline
) -> None:
    talk = "我们12个人被关在西港\n跳过\n2\n"
    code, out, _ = await quietline("chat", "--language", "zh-Hans", typed=talk, state_dir=str(tmp_path), **to_hotline)
    (ticket,) = hotline.tickets.values()
    (tmp_path / "ticket.json").write_text(json.dumps(ticket))
    (tmp_path / "key").write_text(str(hotline.identity))
    opened, shown, _ = await quietline("open", tmp_path / "ticket.json", "--key", tmp_path / "key")

    assert (code, opened) == (0, 0)
    assert "你好" in out
    assert ticket["location"]["province"] == "KH-18"
    assert ticket["channel"] == "console"
    assert "我们12个人被关在西港" in shown


async def test_keygen_makes_a_private_file_and_never_overwrites_it(tmp_path: Path) -> None:
    code, out, _ = await quietline("keygen", tmp_path / "key")
    again, _, err = await quietline("keygen", tmp_path / "key")

    assert code == 0
    assert out.startswith("age1")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert again == 2
    assert "already" in err


async def test_open_says_plainly_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    (tmp_path / "ticket").write_text('{"ticket_id": "1", "revision": 1, "status": "partial", "urgency": "soon"}')
    code, _, err = await quietline("open", tmp_path / "ticket", "--key", tmp_path / "key")

    assert code == 2
    assert "no age key" in err


async def test_check_names_what_does_not_answer(tmp_path: Path, to_hotline: dict[str, str], fake_nlu: FakeNlu) -> None:
    up, out, _ = await quietline("check", state_dir=str(tmp_path), **{**to_hotline, "nlu_url": fake_nlu.url})
    down, said, _ = await quietline("check", state_dir=str(tmp_path), **to_hotline)

    assert (up, down) == (0, 1), out
    assert "nlu        DOES NOT ANSWER" in said
