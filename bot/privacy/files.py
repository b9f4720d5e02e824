"""A copy of a photo without its metadata. Voice, video and documents are sealed as they came."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "MPO")
_MOST_PIXELS = 25_000_000
"""Twice what phones send by default; each takes four bytes, and is held twice."""
_QUALITY = 92


def cleaned(content: bytes, media_type: str) -> bytes | None:
    """Re-encode a photo without EXIF, XMP, comments or thumbnails; None where it cannot be done.

    Never raises, whatever the bytes. `media_type` is only the sender's word: the format is read from the content.
    """
    if not media_type.startswith("image/"):
        return None
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(BytesIO(content), formats=_FORMATS) as image:
            return _copy(image)
    except Exception:  # noqa: BLE001 - Pillow raises many kinds for broken files
        return None


def _copy(image: Image.Image) -> bytes | None:
    if image.width * image.height > _MOST_PIXELS:
        return None
    form = "JPEG" if image.format == "MPO" else image.format
    ImageOps.exif_transpose(image, in_place=True)
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    if palette := image.getpalette():
        bare.putpalette(palette)
    out = BytesIO()
    bare.save(out, format=form, **({"quality": _QUALITY} if form in ("JPEG", "WEBP") else {}))
    return out.getvalue()
