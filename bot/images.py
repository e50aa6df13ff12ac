"""Pictures from outside, made safe: what they are is judged by their content, and they are drawn anew.

Nothing of the uploaded file survives but its pixels: no metadata (where and with what it was taken), no
second file hidden behind the picture, no animation.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import Image, ImageOps

pillow_heif.register_heif_opener(thumbnails=False)

FORMATS = ("PNG", "JPEG", "WEBP", "HEIF")
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000  # a phone's camera; more is a decompression bomb
LONGEST_SIDE = 2_560  # pixels; the small print of a receipt is still readable
LARGEST_PNG = 4 * 1024 * 1024  # bytes; what is drawn anew may need more room than it came in
QUALITY = 85
# A progressive JPEG has about ten scans. Each costs a walk over all its pixels, and a few bytes are enough
# for one: thousands keep a decoder busy for minutes. Other data in a phone's file may look like some.
MAX_SCANS, SCAN = 500, b"\xff\xda"


class UnusablePicture(Exception):
    """Not a picture that we take; `kind` says why: `not_a_picture` or `picture_too_large`."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept."""

    data: bytes
    media_type: str
    width: int
    height: int


def redraw(data: bytes) -> Picture:
    """The picture in `data` (PNG, JPEG, WebP or HEIC), upright, at most `LONGEST_SIDE` long, drawn anew.

    Takes up to a second of computing: not for an event loop. Raises UnusablePicture.
    """
    if len(data) > MAX_BYTES:
        raise UnusablePicture("picture_too_large")
    if data.startswith(b"\xff\xd8") and data.count(SCAN) > MAX_SCANS:
        raise UnusablePicture("not_a_picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise UnusablePicture("picture_too_large")
                # For a JPEG: decodes at a lower resolution at once where a lower one will do.
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                opened.load()
                see_through = opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info
                drawn = _eight_bits(opened).convert("RGBA" if see_through else "RGB")
                # Made smaller before it is turned: turning takes a second picture's memory.
                drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                drawn = ImageOps.exif_transpose(drawn)
                # A screenshot's sharp letters stay sharp as PNG; what comes from a camera stays JPEG.
                lossless = see_through or opened.format == "PNG"
    except UnusablePicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnusablePicture("picture_too_large") from None
    except Exception:
        # Decoders fail in every way there is on a broken file; which one says nothing to anyone.
        raise UnusablePicture("not_a_picture") from None
    drawn.info = {}
    if lossless:
        out = io.BytesIO()
        drawn.save(out, "PNG", compress_level=6)
        if out.tell() <= LARGEST_PNG:
            return Picture(out.getvalue(), "image/png", drawn.width, drawn.height)
    out = io.BytesIO()
    _on_white(drawn).save(out, "JPEG", quality=QUALITY)
    return Picture(out.getvalue(), "image/jpeg", drawn.width, drawn.height)


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 bits scaled down; it would be cut off at white."""
    return picture.point(lambda value: value / 256) if picture.mode in ("I", "I;16") else picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture)
    return paper
