import math

import pytest

from bot.privacy.places import locate

PLACES = [
    ("Phnom Penh", 11.5564, 104.9282, ("KH", "KH-12")),
    ("Sihanoukville", 10.6093, 103.5296, ("KH", "KH-18")),
    ("Poipet", 13.6580, 102.5630, ("KH", "KH-1")),
    ("Aranyaprathet", 13.6927, 102.5017, ("TH", None)),
    ("Bavet", 11.0830, 106.1290, ("KH", "KH-20")),
    ("Moc Bai", 11.0950, 106.2200, ("VN", None)),
    ("O'Smach", 14.4370, 103.6940, ("KH", "KH-22")),
    ("Bokor", 10.6240, 104.0260, ("KH", "KH-7")),
    ("Koh Rong", 10.7160, 103.2460, ("KH", "KH-18")),
    ("Siem Reap", 13.3671, 103.8448, ("KH", "KH-17")),
    ("Bangkok, beyond the cut-out of the borders", 13.7563, 100.5018, (None, None)),
    ("Paris", 48.8566, 2.3522, (None, None)),
]


@pytest.mark.parametrize(("name", "lat", "lon", "where"), PLACES, ids=[place[0] for place in PLACES])
def test_a_pin_has_its_country_and_only_in_cambodia_a_province(
    name: str, lat: float, lon: float, where: tuple[str | None, str | None]
) -> None:
    assert locate(lat, lon) == where, name


@pytest.mark.parametrize("lat", [math.nan, math.inf, 91.0, -90.5])
def test_a_pin_off_the_globe_is_nowhere(lat: float) -> None:
    assert locate(lat, 104.0) is None
