"""The child that reads foreign image bytes: `python -I decoder.py FULL_SIDE THUMB_SIDE < picture > answer`.

Run as a program only, by `pictures.decode`. It knows nothing of Django, may use 1 GiB and 8 seconds of CPU, and
opens no file. Answer: a line of JSON {"full": bytes, "width": px, "height": px}, then both WebP pictures. A refusal is
exit code 2 with one word on stderr: format, pixels, frames or broken.
"""

import io
import json
import resource
import sys
import warnings

from PIL import Image, ImageCms, ImageFile, ImageOps

PIXELS_LIMIT = 25_000_000
FRAMES_LIMIT = 100
MEMORY_LIMIT = 1 << 30
CPU_SECONDS = 8
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class Refused(Exception):
    """The one-word reason goes to stderr."""


def main(full_side: int, thumb_side: int) -> None:
    """Read stdin, write stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    full = fitted(decoded(sys.stdin.buffer.read()), full_side)
    pictures = encoded(full), encoded(fitted(full, thumb_side))
    head = {"full": len(pictures[0]), "width": full.width, "height": full.height}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(pictures))


def decoded(data: bytes) -> Image.Image:
    """The first frame, upright, in sRGB; raises `Refused`."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Exception as error:
        raise Refused("format") from error
    if image.width * image.height > PIXELS_LIMIT:
        raise Refused("pixels")
    if getattr(image, "n_frames", 1) > FRAMES_LIMIT:
        raise Refused("frames")
    image.load()
    upright = ImageOps.exif_transpose(in_srgb(image)) or image
    has_alpha = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
    return upright.convert("RGBA" if has_alpha else "RGB")


def in_srgb(image: Image.Image) -> Image.Image:
    """Apply the colour profile, since we are about to drop it; an unusable profile is ignored."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, ValueError, OSError):
        return image
    return changed or image


def fitted(image: Image.Image, side: int) -> Image.Image:
    """At most `side` pixels on the longer side; never enlarged."""
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small


def encoded(image: Image.Image) -> bytes:
    """WebP bytes without any metadata."""
    out = io.BytesIO()
    image.info.clear()
    image.save(out, "WEBP", quality=82, method=2, exif=b"", xmp=b"", icc_profile=None)
    return out.getvalue()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = None  # our own, lower limit is checked before any pixel is decoded
    try:
        main(int(sys.argv[1]), int(sys.argv[2]))
    except Refused as refusal:
        sys.stderr.write(str(refusal))
        sys.exit(2)
    except Exception:
        # Whatever a broken file makes the decoder raise, the answer to the person is the same.
        sys.stderr.write("broken")
        sys.exit(2)
