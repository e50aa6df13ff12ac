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
QUALITY = 85


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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise UnusablePicture("picture_too_large")
                # For a JPEG: decodes at a lower resolution at once where a lower one will do.
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                opened.load()
                drawn = ImageOps.exif_transpose(opened)
                see_through = drawn.mode in ("RGBA", "LA", "PA") or "transparency" in drawn.info
                drawn = drawn.convert("RGBA" if see_through else "RGB")
                drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
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
    out = io.BytesIO()
    if lossless:
        drawn.save(out, "PNG", compress_level=6)
    else:
        drawn.save(out, "JPEG", quality=QUALITY)
    return Picture(out.getvalue(), "image/png" if lossless else "image/jpeg", drawn.width, drawn.height)
