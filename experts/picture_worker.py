"""Decodes one untrusted picture in a process of its own, which may fail without anybody's harm.

Run by experts.pictures through accounts.bounded, without Django: the picture comes in by standard input, the outcome
leaves by standard output as one line of JSON and the new files behind it. Arguments: the most pixels, then
name:kind:edge for each file, where kind is `square` or `fit`.
"""

import json
import sys
from io import BytesIO

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

FORMATS = ["JPEG", "PNG", "WEBP"]
QUALITY = 82
SHORTEST = 64  # pixels of an edge: less is a dot on every page
PAPER = (255, 255, 255)  # what shows through where a picture is transparent


class Refused(Exception):
    """Its text is one of the keys of experts.pictures.REFUSALS."""


def opened(data: bytes, most_pixels: int, longest: int) -> Image.Image:
    """The picture upright, as plain RGB, its longer edge at most `longest` where that saves memory early."""
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise Refused("pixels") from None
    except UnidentifiedImageError:
        raise Refused("format") from None
    if image.width * image.height > most_pixels:
        raise Refused("pixels")
    if min(image.size) < SHORTEST:
        raise Refused("small")
    image.draft("RGB", (longest, longest))
    image.load()
    turned = ImageOps.exif_transpose(_smaller(image, longest))
    return _opaque(turned)


def _smaller(image: Image.Image, longest: int) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits a pixel: read as eight, all but the darkest would be white
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode not in {"RGB", "RGBA", "L"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if max(image.size) > longest:
        image.thumbnail((longest, longest))
    return image


def _opaque(image: Image.Image) -> Image.Image:
    """Pixels alone, on a new sheet: whatever else the file carried stays behind."""
    sheet = Image.new("RGB", image.size, PAPER)
    sheet.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    return sheet


def written(image: Image.Image, kind: str, edge: int) -> bytes:
    if kind == "square":
        image = ImageOps.fit(image, (edge, edge))
    else:
        image = ImageOps.contain(image, (edge, edge)) if max(image.size) > edge else image
    file = BytesIO()
    image.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()


def main() -> None:
    most_pixels, *wanted = sys.argv[1:]
    Image.MAX_IMAGE_PIXELS = int(most_pixels)
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    plans = [one.split(":") for one in wanted]
    try:
        longest = max(int(edge) for _, _, edge in plans)
        # Twice the size, so that a long picture still fills a square.
        image = opened(sys.stdin.buffer.read(), int(most_pixels), longest * 2)
        files = {name: written(image, kind, int(edge)) for name, kind, edge in plans}
    except Refused as refusal:
        answer({"refused": str(refusal)})
    except MemoryError:
        answer({"refused": "memory"})
    else:
        lengths = {name: len(file) for name, file in files.items()}
        answer({"width": image.width, "height": image.height, "files": lengths}, *files.values())


def answer(head: dict[str, object], *files: bytes) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    for file in files:
        sys.stdout.buffer.write(file)


if __name__ == "__main__":
    main()
