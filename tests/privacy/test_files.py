from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.privacy.files import cleaned


def photo(**how: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 20), "navy").save(out, **how)
    return out.getvalue()


def test_a_photo_loses_its_exif() -> None:
    exif = Image.Exif()
    exif[0x010E] = "CANARY-DESCRIPTION"
    exif[0x0112] = 6

    copy = cleaned(photo(format="JPEG", exif=exif), "image/jpeg")

    assert copy is not None
    assert b"CANARY" not in copy
    assert not Image.open(BytesIO(copy)).getexif()
    assert Image.open(BytesIO(copy)).size == (20, 40)


def test_what_is_no_image_is_not_cleaned() -> None:
    assert cleaned(b"%PDF-1.7", "application/pdf") is None
    assert cleaned(photo(format="PNG")[:40], "image/png") is None


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    cleaned(content, "image/jpeg")
