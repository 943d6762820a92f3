#!/usr/bin/env python3
"""Compares what PROGRAM (read_samples) reads with what Pillow does: formats, modes, EXIF orientations,
files that end early.

    check_pillow.py PROGRAM [--libjpeg]     exit status 77, and why, where Pillow or NumPy is not installed

--libjpeg: the build decodes JPEGs by libjpeg-turbo, as Pillow does.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from PIL import Image, ImageOps
except ImportError as error:
    print(f"SKIPPED: {error}")
    sys.exit(77)

ORIENTATION = 0x0112
# Beside rounding, decoders of JPEG differ in how they interpolate colours: mean and largest difference.
JPEG_DIFFERENCE = (0, 0) if "--libjpeg" in sys.argv else (0.5, 8)
JPEG_GREY_DIFFERENCE = (0.5, 8)  # the brightness that the file holds, beside that of rounded colours


def read(files, channels=3):
    """A list of arrays, or of sentences."""
    command = [sys.argv[1], str(channels), *map(str, files)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    results = []
    while out:
        line, out = out.split(b"\n", 1)
        if line.startswith(b"error "):
            results.append(line.decode())
            continue
        shape = tuple(map(int, line.split()))
        size = int(np.prod(shape))
        results.append(np.frombuffer(out[:size], np.uint8).reshape(shape))
        out = out[size:]
    assert len(results) == len(files), (len(results), len(files))
    return results


def pictures():
    """Name and picture, 37 x 21, smooth with some noise, in every mode."""
    y, x = np.mgrid[:21, :37]
    noise = np.random.default_rng(0).integers(0, 20, (21, 37, 4))
    rgba = np.stack([x * 6, y * 11, x + y * 5, 255 - x * 3], -1) % 230 + noise
    rgba = Image.fromarray(rgba.astype(np.uint8), "RGBA")
    rgb = rgba.convert("RGB")
    yield from (("rgb", rgb), ("rgba", rgba), ("grey", rgb.convert("L")), ("alpha", rgba.convert("LA")),
                ("colours", rgb.quantize(200)), ("few", rgb.quantize(5)), ("bits", rgb.convert("1")))


def files(folder):
    """Name, options to save with."""
    kinds = {
        "png": [{}, {"optimize": True}],
        "bmp": [{}],
        "gif": [{}],
        "tga": [{}, {"compression": "tga_rle"}],
        "ppm": [{}],
        "jpg": [{"quality": 90, "subsampling": s, "progressive": p} for s in (0, 1, 2) for p in (False, True)],
    }
    supported = {"bmp": "rgb rgba grey colours few bits", "gif": "colours few grey", "jpg": "rgb grey",
                 "tga": "rgb rgba grey colours", "ppm": "rgb grey", "png": "rgb rgba grey alpha colours few bits"}
    for name, picture in pictures():
        for kind, variants in kinds.items():
            for i, options in enumerate(variants):
                if name in supported[kind].split():
                    path = folder / f"{name}{i}.{kind}"
                    picture.save(path, **options)
                    yield path


def expected(path, channels):
    with Image.open(path) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert({1: "L", 3: "RGB", 4: "RGBA"}[channels]))


def compare(paths, channels):
    for path, got in zip(paths, read(paths, channels)):
        if path.suffix == ".bmp" and channels == 4:
            got = got[..., :3]  # Pillow passes over the fourth byte of a BMP's pixels
        assert not isinstance(got, str), (path.name, got)
        want = expected(path, min(channels, got.shape[2])).reshape(got.shape)
        difference = np.abs(got.astype(int) - want)
        # Grey of colours: Pillow weighs with 299, 587, 114 thousandths, stb_image with 77, 150, 29 of 256.
        most = 2 if channels == 1 else 0
        if path.suffix == ".jpg":
            mean, largest = JPEG_GREY_DIFFERENCE if channels == 1 else JPEG_DIFFERENCE
            assert difference.mean() <= mean and difference.max() <= largest + most, (
                path.name, channels, difference.mean(), difference.max())
        else:
            assert difference.max() <= most, (path.name, channels, difference.max())


def check_orientations(folder):
    paths = []
    picture = dict(pictures())["rgb"]
    for kind, options in (("png", {}), ("jpg", {"quality": 95, "subsampling": 0})):
        for orientation in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9):
            exif = Image.Exif()
            exif[ORIENTATION] = orientation
            paths.append(folder / f"orientation{orientation}.{kind}")
            picture.save(paths[-1], exif=exif, **options)
    compare(paths, 3)
    turned = read([folder / "orientation6.png"])[0]
    assert turned.shape == (37, 21, 3), turned.shape


def check_cut(folder, paths):
    """A file without its end is an error, wherever it ends."""
    needless = {".gif": 1, ".tga": 26}  # what follows the picture: GIF's last byte, the footer of a TGA
    for path in paths:
        whole = path.read_bytes()
        last = len(whole) - needless.get(path.suffix, 0)
        sizes = sorted({last - 1, last - 2, last - 3, *range(0, last, max(1, last // 40))})
        cuts = []
        for size in sizes:
            cuts.append(folder / f"cut{size}")
            cuts[-1].write_bytes(whole[:size])
        for size, got in zip(sizes, read(cuts)):
            assert isinstance(got, str), (path.name, f"{size} of {len(whole)} bytes are read as a picture")


with tempfile.TemporaryDirectory() as name:
    top = pathlib.Path(name)
    all_files = list(files(top))
    for channel_count in (3, 4, 1):
        compare(all_files, channel_count)
    check_orientations(top)
    check_cut(top, all_files)
    print(f"{len(all_files)} pictures are read as Pillow reads them")
