"""Sized copies, compared with renderings made another way."""

import io
import random
import struct
import subprocess
import sys
import threading
import tracemalloc
import zlib
from xml.etree import ElementTree as ET

import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageStat

from bot.domain.sizes import Encoding, SizedFormat
from bot.errors import PictureUnfit
from bot.parsing.sizes import read_format
from bot.postprocess.metadata import Provenance
from bot.postprocess.sizes import make_copy

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
SOURCE = Provenance(prompt="a <fox> & hare", seed=42, model="V_2", record_id="r1")


@pytest.fixture
def original(tmp_path):
    """Give a picture of gradients and a disc, 1024 x 1024."""
    image = Image.linear_gradient("L").resize((1024, 1024))
    image = Image.merge("RGB", (image, image.rotate(90), image.rotate(180)))
    ImageDraw.Draw(image).ellipse((200, 300, 500, 600), fill=(250, 120, 10))
    path = tmp_path / "original.png"
    image.save(path)
    return path


@pytest.fixture
def copy(tmp_path):
    """Make a copy and open it."""

    def make(path, text, **options):
        into = tmp_path / "copy"
        made = make_copy(path, read_format(text), into, **options)
        with Image.open(into) as image:
            image.load()
        assert image.size == (made.width, made.height)
        assert Image.MIME[image.format] == made.content_type
        return image

    return make


def saved(folder, image, name="original.png", **options):
    path = folder / name
    image.save(path, **options)
    return path


def difference(one, other):
    """Give the mean difference of two pictures, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


# --- what is shown ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "box"),
    [
        pytest.param("1200x630:centre", (0, 243, 1024, 781), id="cut above and below"),
        pytest.param("300x600:centre", (256, 0, 768, 1024), id="cut at the sides"),
        pytest.param("1080x1080", (0, 0, 1024, 1024), id="not cut"),
        pytest.param("64x64", (0, 0, 1024, 1024), id="made small"),
    ],
)
def test_a_copy_covers_its_size(original, copy, text, box):
    """As a bicubic resampling of the part does, within the filters' difference."""
    image = copy(original, text)

    with Image.open(original) as whole:
        expected = whole.crop(box).resize(image.size, Image.Resampling.BICUBIC)
    assert difference(image.convert("RGB"), expected) < 1.5


def test_a_contained_picture_is_whole(original, copy):
    """With see-through room beside it."""
    image = copy(original, "800x400:contain")

    with Image.open(original) as whole:
        expected = whole.resize((400, 400), Image.Resampling.BICUBIC)
    middle = image.crop((200, 0, 600, 400)).convert("RGB")
    assert difference(middle, expected) < 1.5
    assert image.getpixel((10, 10))[3] == 0
    assert image.getchannel("A").getextrema() == (0, 255)


def test_room_is_white_where_nothing_is_see_through(original, copy):
    image = copy(original, "800x400:contain:jpeg:q95")

    assert min(image.getpixel((10, 10))) > 250


@pytest.mark.parametrize("at", [100, 500, 860], ids=["left", "middle", "right"])
def test_a_cut_keeps_what_is_to_be_seen(tmp_path, copy, at):
    """The only busy place of a plain picture."""
    image = Image.new("RGB", (1024, 512), (230, 230, 230))
    noise = random.Random(1).randbytes(120 * 120 * 3)
    image.paste(Image.frombytes("RGB", (120, 120), noise), (at, 200))
    path = saved(tmp_path, image)

    sized = copy(path, "512x512")

    busy = ImageChops.difference(
        sized.convert("RGB"), Image.new("RGB", sized.size, (230, 230, 230))
    ).getbbox()
    assert busy[2] - busy[0] >= 118


def test_a_plain_picture_is_cut_in_the_middle(tmp_path, copy):
    """Nothing is busier: both focuses agree."""
    image = Image.new("RGB", (300, 100), (10, 20, 30))
    ImageDraw.Draw(image).rectangle((100, 0, 199, 99), fill=(40, 50, 60))
    path = saved(tmp_path, image)

    by_entropy = copy(path, "100x100").tobytes()

    assert by_entropy == copy(path, "100x100:centre").tobytes()


def test_the_same_again_is_the_same_file(original, tmp_path):
    """Copies are kept by their content."""
    made = []
    for name in ("one", "two"):
        make_copy(original, read_format("instagram:webp"), tmp_path / name)
        made.append((tmp_path / name).read_bytes())

    assert made[0] == made[1]


# --- what is respected --------------------------------------------------------


def test_an_orientation_is_carried_out(tmp_path, copy):
    """A camera's note that up is elsewhere; the copy has none any more."""
    image = Image.new("RGB", (200, 100), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, 100, 100))
    exif = Image.Exif()
    exif[0x0112] = 6  # the top is on the right side
    path = saved(tmp_path, image, "turned.jpg", exif=exif, quality=95)

    sized = copy(path, "100x200")

    red, _, blue = sized.convert("RGB").getpixel((50, 20))
    assert red > 200
    assert blue < 60
    assert 0x0112 not in sized.getexif()


@pytest.mark.parametrize("encoding", Encoding)
def test_a_colour_profile_is_kept(tmp_path, copy, encoding):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.new("RGB", (100, 100), (200, 50, 50))
    path = saved(tmp_path, image, icc_profile=profile)

    assert copy(path, f"50x50:{encoding}").info["icc_profile"] == profile


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1", "I;16"])
def test_every_kind_of_picture_is_copied(tmp_path, copy, mode):
    path = saved(tmp_path, Image.new(mode, (90, 60), 1))

    for encoding in Encoding:
        assert copy(path, f"30x30:{encoding}").size == (30, 30)


# --- what is refused ----------------------------------------------------------


def test_more_than_twice_the_size_is_refused_unless_asked_for(tmp_path, copy):
    path = saved(tmp_path, Image.new("RGB", (100, 100)))

    with pytest.raises(PictureUnfit, match=r"2\.1 times .* 210x210:upscale"):
        copy(path, "210x210")
    assert copy(path, "200x200").size == (200, 200)
    assert copy(path, "210x210:upscale").size == (210, 210)


def bomb(side):
    """Give a PNG that claims *side* x *side* pixels and holds a few kB."""

    def chunk(kind, data):
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * min(side, 2000)), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [20_000, 15_000, 7_000])
def test_a_bomb_is_refused_unread(tmp_path, copy, side):
    """By what it claims; nothing is unpacked for that."""
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(side))
    tracemalloc.start()

    with pytest.raises(PictureUnfit):
        copy(path, "instagram")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


REFUSE = """
import resource, sys, time
from pathlib import Path
from bot.errors import PictureUnfit
from bot.parsing.sizes import read_format
from bot.postprocess.sizes import make_copy

bomb, small, into = map(Path, sys.argv[1:])
make_copy(small, read_format("8x8"), into)  # Pillow has loaded what it needs
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
try:
    make_copy(bomb, read_format("instagram"), into)
except PictureUnfit:
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(time.monotonic() - began, grown)
"""


def test_a_bomb_costs_a_process_neither_time_nor_memory(tmp_path):
    """What the system gives a process, C's memory included: 1.2 GB if it were read."""
    trap, small = tmp_path / "bomb.png", tmp_path / "small.png"
    trap.write_bytes(bomb(20_000))
    Image.new("RGB", (16, 16)).save(small)

    ran = subprocess.run(
        [sys.executable, "-c", REFUSE, trap, small, tmp_path / "copy.png"],
        capture_output=True,
        check=True,
        text=True,
    )

    seconds, grown_kib = map(float, ran.stdout.split())
    assert seconds < 1
    assert grown_kib < 4096


def test_what_is_no_picture_is_refused(tmp_path, copy):
    path = tmp_path / "picture.png"
    for content in (b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", bomb(64)[:45]):
        path.write_bytes(content)
        with pytest.raises(PictureUnfit):
            copy(path, "32x32")


# --- what a copy says ---------------------------------------------------------


def test_a_png_says_where_it_is_from(original, copy):
    text = copy(original, "64x64", source=SOURCE).text

    assert text["Description"] == "a <fox> & hare"
    assert (text["Seed"], text["Model"], text["Record"]) == ("42", "V_2", "r1")


@pytest.mark.parametrize("encoding", Encoding)
def test_every_kind_carries_xmp(original, copy, encoding):
    image = copy(original, f"64x64:{encoding}", source=SOURCE)

    root = ET.fromstring(image.info["xmp"])  # noqa: S314 - our own file
    [described] = root.iter(f"{RDF}Description")
    assert next(described.iter(f"{RDF}li")).text == "a <fox> & hare"
    assert described.get("{https://ideogram.ai/ns/record/1.0/}seed") == "42"
    assert described.get("{https://ideogram.ai/ns/record/1.0/}record") == "r1"


@pytest.mark.parametrize("encoding", Encoding)
def test_a_copy_says_nothing_unless_asked(original, copy, encoding):
    """A prompt may be a secret of the house."""
    image = copy(original, f"64x64:{encoding}")

    assert "xmp" not in image.info
    assert not getattr(image, "text", None)


def test_copies_are_made_side_by_side(original, tmp_path):
    """On threads: nothing is shared."""
    texts = ["64x64", "64x32:webp", "32x64:jpeg", "100x20:contain"]
    alone = {}
    for text in texts:
        make_copy(original, read_format(text), tmp_path / "alone")
        alone[text] = (tmp_path / "alone").read_bytes()

    def make(text):
        make_copy(original, read_format(text), tmp_path / text)

    threads = [threading.Thread(target=make, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {text: (tmp_path / text).read_bytes() for text in texts} == alone


def test_geometry_never_leaves_the_picture(tmp_path, copy):
    """Extreme shapes: at least one pixel, at most all of them."""
    path = saved(tmp_path, Image.new("RGB", (3, 1000)))

    for text in ("6x1", "1x8:upscale", "6x6:contain", "1000x1:upscale"):
        width, height = text.split(":")[0].split("x")
        assert copy(path, text).size == (int(width), int(height))


def test_a_format_reads_as_people_write_it():
    assert str(SizedFormat(width=1200, height=630)) == "og-image"
    assert io.StringIO(str(read_format("9x9:webp"))).read() == "9x9:webp"
