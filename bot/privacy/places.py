"""A pin becomes a country and a province: a border polygon decides the country, the nearest place the province."""

import gzip
import json
import math
from csv import DictReader
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shapely import Point, STRtree, prepare
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

_DATA = Path(__file__).resolve().parent / "data"
_CAMBODIA = "KH"
_ALPHA_2 = {"KHM": _CAMBODIA, "THA": "TH", "VNM": "VN", "LAO": "LA"}
_SHORE_DEGREES = 0.02
"""About 2 km: piers, islets and ships at anchor lie beside the polygon of the land."""


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    provinces: tuple[str, ...]
    tree: STRtree


def locate(lat: float, lon: float) -> tuple[str | None, str | None] | None:
    """Say where a pin is: country (ISO 3166-1 alpha-2) and province (ISO 3166-2:KH).

    Returns:
        None if it is not on the globe; (None, None) far from Cambodia or where nobody is. A pin outside
        Cambodia never has a province.
    """
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return None
    country = _country(Point(lon, lat))
    return country, _province(lat, lon) if country == _CAMBODIA else None


def _country(pin: Point) -> str | None:
    countries = _countries()
    for code, area in countries.items():
        if area.covers(pin):
            return code
    return _CAMBODIA if countries[_CAMBODIA].distance(pin) <= _SHORE_DEGREES else None


def _province(lat: float, lon: float) -> str:
    gazetteer = _gazetteer()
    return gazetteer.provinces[int(gazetteer.tree.nearest(_flat(lat, lon)))]


def _flat(lat: float, lon: float) -> Point:
    """Put a pin on a plane that is true at Cambodia's latitude: a degree of longitude is shorter there."""
    return Point(lon * math.cos(math.radians(12.5)), lat)


@cache
def _countries() -> dict[str, BaseGeometry]:
    with gzip.open(_DATA / "borders.geojson.gz") as file:
        features = json.load(file)["features"]
    areas = {_ALPHA_2[feature["properties"]["A3"]]: shape(feature["geometry"]) for feature in features}
    for area in areas.values():
        prepare(area)
    return areas


@cache
def _gazetteer() -> _Gazetteer:
    with (_DATA / "places.tsv").open(encoding="utf-8") as file:
        rows = list(DictReader(file, delimiter="\t"))
    points = [_flat(float(row["lat"]), float(row["lon"])) for row in rows]
    return _Gazetteer(tuple(row["province"] for row in rows), STRtree(points))
