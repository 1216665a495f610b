"""Pictures encoded anew to fit a place's limit."""

import io
import random

import pytest
from PIL import Image

from bot.postprocess import fit as fitting
from bot.postprocess.fit import fit


@pytest.fixture
def noisy(tmp_path):
    """Give a picture that compresses badly: some 190 kB as PNG."""

    def make(mode="RGB", side=256):
        channels = len(mode)
        noise = random.Random(1).randbytes(side * side * channels)
        path = tmp_path / f"noisy-{mode}.png"
        Image.frombytes(mode, (side, side), noise).save(path)
        return path

    return make


def test_quality_goes_first(noisy):
    """While fewer bytes can be had by quality alone, no pixel is lost."""
    path = noisy()

    fitted = fit(path, max_bytes=path.stat().st_size // 2)

    assert fitted is not None
    assert (fitted.width, fitted.height) == (256, 256)
    assert fitted.content_type == "image/jpeg"
    assert len(fitted.content) <= path.stat().st_size // 2


def test_size_goes_next(noisy):
    """A tight limit still gets a picture, with its shape kept."""
    fitted = fit(noisy(), max_bytes=9_000)

    assert fitted is not None
    assert len(fitted.content) <= 9_000
    assert fitted.width == fitted.height < 256
    with Image.open(io.BytesIO(fitted.content)) as image:
        assert image.size == (fitted.width, fitted.height)


def test_transparency_is_kept(noisy):
    """A see-through picture does not get a black ground."""
    fitted = fit(noisy("RGBA"), max_bytes=150_000)

    assert fitted is not None
    assert fitted.content_type == "image/webp"
    with Image.open(io.BytesIO(fitted.content)) as image:
        assert image.has_transparency_data


def test_same_bytes_every_time(noisy):
    """A post that is repeated carries the same file."""
    path = noisy()

    assert fit(path, max_bytes=50_000) == fit(path, max_bytes=50_000)


def test_original_stays(noisy):
    """What is kept is not touched."""
    path = noisy()
    before = path.read_bytes()

    fit(path, max_bytes=9_000)

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not a picture at all", id="text"),
        pytest.param(b"GIF89a" + bytes(50), id="another format"),
    ],
)
def test_what_is_no_picture_is_not_fitted(tmp_path, content):
    """Nothing but the formats that are kept is decoded."""
    path = tmp_path / "x.png"
    path.write_bytes(content)

    assert fit(path, max_bytes=1_000) is None


def test_cut_off_file_is_not_fitted(noisy):
    """A half file is a failure, not half a picture."""
    path = noisy()
    path.write_bytes(path.read_bytes()[:5_000])

    assert fit(path, max_bytes=1_000) is None


@pytest.mark.parametrize("side", [7_000, 12_000, 20_000])
def test_bomb_is_not_decoded(tmp_path, side):
    """A small file with a great many pixels is left alone."""
    path = tmp_path / "bomb.png"
    Image.new("1", (side, side)).save(path)

    assert side * side > fitting.MAX_PIXELS
    assert fit(path, max_bytes=100) is None


def test_tiny_limit_cannot_be_met(noisy):
    """There is an end to shrinking."""
    assert fit(noisy(), max_bytes=50) is None
