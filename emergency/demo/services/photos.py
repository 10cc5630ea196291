"""Drawn pictures that stand for photos: what is wrong in warm colours, what is in order in cool ones, with the day's stamp."""

from __future__ import annotations

import datetime as dt
import io
import random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

SIZE = (800, 600)


def photo_draw(moment: dt.datetime, rng: random.Random, *, tidy: bool) -> SimpleUploadedFile:
    """A room with a fire extinguisher, littered before and ``tidy`` after. No two are the same."""
    wall = tuple(rng.randint(170, 215) + (20 if tidy and channel else 0) for channel in range(3))
    picture = Image.new("RGB", SIZE, wall)
    draw = ImageDraw.Draw(picture)
    width, height = SIZE
    floor = rng.randint(390, 430)
    draw.rectangle((0, floor, width, height), fill=tuple(value - 55 for value in wall))
    left = rng.randint(60, 200)
    draw.rectangle((left, 120, left + 170, floor), fill=(120, 96, 74), outline=(60, 48, 36), width=4)  # the door
    right = rng.randint(480, 640)
    draw.rounded_rectangle((right, floor - 130, right + 46, floor), 14, fill=(196, 32, 32))
    draw.rectangle((right + 14, floor - 156, right + 32, floor - 128), fill=(40, 40, 40))
    if tidy:
        draw.rectangle((right - 26, floor + 4, right + 72, floor + 18), fill=(236, 196, 40))
    else:
        for _ in range(rng.randint(6, 10)):
            x, y, side = rng.randint(40, 700), rng.randint(floor - 60, 520), rng.randint(30, 80)
            draw.rectangle(
                (x, y, x + side, y + side), fill=(rng.randint(140, 190), 120, 70), outline=(90, 66, 40), width=3
            )
    stamp = f"{moment:%Y-%m-%d %H:%M}"
    draw.text((width - 330, height - 52), stamp, fill=(255, 226, 60), font=ImageFont.load_default(30))
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=80)
    return SimpleUploadedFile(f"{moment:%Y%m%d%H%M}.jpg", data.getvalue(), content_type="image/jpeg")
