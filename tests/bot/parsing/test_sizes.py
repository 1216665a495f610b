"""What `--format` names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.sizes import Encoding, Fit, Focus, SizedFormat
from bot.errors import WrongInput
from bot.parsing.sizes import read_format, read_formats

formats = st.builds(
    SizedFormat,
    width=st.integers(1, 4096),
    height=st.integers(1, 4096),
    fit=st.sampled_from(Fit),
    focus=st.sampled_from(Focus),
    encoding=st.sampled_from(Encoding),
    quality=st.integers(1, 100),
    may_upscale=st.booleans(),
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        pytest.param("instagram", ("instagram",), id="name"),
        pytest.param("1080x1080", ("instagram",), id="size of a name"),
        pytest.param("Instagram, OG-image", ("instagram", "og-image"), id="any case"),
        pytest.param("800×600", ("800x600",), id="times sign"),
        pytest.param("800x600:jpg", ("800x600:jpeg",), id="jpg"),
        pytest.param("800x600:center", ("800x600:centre",), id="center"),
        pytest.param("800x600:cover:png:q85", ("800x600",), id="what is usual anyway"),
        pytest.param("8x6,8x6:cover", ("8x6",), id="the same twice"),
        pytest.param(
            "8x6:upscale:q9:webp", ("8x6:webp:q9:upscale",), id="in one order"
        ),
        pytest.param(" , ", (), id="nothing"),
    ],
)
def test_copies_are_kept_in_one_spelling(typed, kept):
    """So that the same copy is never made twice."""
    assert read_formats(typed) == kept


@given(formats)
def test_what_is_kept_is_read_again(sized):
    """A job holds the text alone."""
    assert read_format(str(sized)) == sized


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("instagrm", "Did you mean instagram?", id="misspelt"),
        pytest.param("0x10", "1 to 8192 pixels", id="no pixels"),
        pytest.param("8193x10", "1 to 8192 pixels", id="too many pixels"),
        pytest.param("800x600:q0", "q1 to q100", id="no quality"),
        pytest.param("800x600:q101", "q1 to q100", id="too much quality"),
        pytest.param("800x600:contains", "Did you mean contain?", id="misspelt word"),
        pytest.param(
            ",".join(f"{n}x{n}" for n in range(1, 12)), "10 are possible", id="too many"
        ),
    ],
)
def test_what_is_no_format_is_refused(typed, says):
    with pytest.raises(WrongInput, match=says):
        read_formats(typed)
