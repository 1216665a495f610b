"""The ways to Ideogram."""

import pytest

from bot.domain.drawing import Ticket
from bot.domain.request import ImageRequest
from bot.ideogram.catalog import MODELS
from bot.ideogram.routes import build_call, make_route, models_on
from bot.ideogram.wire import Question


def address(route, model):
    call = build_call(ImageRequest(prompt="a fox", model=model), MODELS[model])
    return route.address(call, model)


@pytest.mark.parametrize(
    ("name", "model", "expected"),
    [
        ("official", "V_2", "https://api.ideogram.ai/generate"),
        ("official", "V_3", "https://api.ideogram.ai/v1/ideogram-v3/generate"),
        (
            "official",
            "V_4_5",
            "https://api.ideogram.ai/v2/image/generate/ideogram-4-5",
        ),
        ("bearer", "V_2", "https://api.302.ai/ideogram/generate"),
        ("bearer", "V_3", "https://api.302.ai/ideogram/v1/ideogram-v3/generate"),
        ("pixazo", "V_2", "https://gateway.pixazo.ai/ideogramV_2/v1/generate"),
        (
            "pixazo",
            "V_2_TURBO",
            "https://gateway.pixazo.ai/ideogramV_2_Turbo/v1/generate",
        ),
    ],
)
def test_each_route_has_its_own_addresses(name, model, expected):
    """As the source documents spell them."""
    assert address(make_route(name, key="k"), model) == expected


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("official", "Api-Key", "secret"),
        ("bearer", "Authorization", "Bearer secret"),
        ("pixazo", "Ocp-Apim-Subscription-Key", "secret"),
    ],
)
def test_each_route_carries_the_key_in_its_own_header(name, header, value):
    """A key in another header is no key there."""
    assert make_route(name, key="secret").headers[header] == value


def test_another_address_keeps_the_routes_paths():
    """IDEOGRAM_BASE_URL replaces the host, with or without a slash or a path."""
    route = make_route("bearer", key="k", base_url="https://proxy.example/api/")

    assert address(route, "V_2") == "https://proxy.example/api/ideogram/generate"


def test_the_key_never_shows():
    """A route may end in a log or a traceback."""
    assert "secret" not in repr(make_route("official", key="secret"))


def test_the_sandbox_needs_to_know_where_the_simulator_listens():
    """There is no simulated Ideogram on the internet."""
    with pytest.raises(ValueError, match="simulator"):
        make_route("sandbox", key="sandbox")


def test_the_sandbox_speaks_the_official_format():
    """The same client code runs in the sandbox."""
    route = make_route("sandbox", key="sandbox", base_url="http://127.0.0.1:81")

    assert address(route, "V_3") == "http://127.0.0.1:81/v1/ideogram-v3/generate"
    assert route.headers["Api-Key"] == "sandbox"


def test_gateways_offer_only_what_they_have():
    """A model that a route lacks is refused while typing, not by the gateway."""
    assert set(models_on("pixazo", MODELS)) == {"V_2", "V_2_TURBO"}
    assert set(models_on("bearer", MODELS)) == {*MODELS} - {"V_4_5"}
    assert models_on("official", MODELS) == models_on("sandbox", MODELS) == MODELS


def test_pixazos_tickets_are_asked_for_at_its_root():
    """Not below the model's folder."""
    question = make_route("pixazo", key="k").question(Ticket(id="5a"))

    assert question == Question(
        address="https://gateway.pixazo.ai/ai-model-api-polling/getGenerationResults",
        body={"job_set_id": "5a"},
    )


def test_ideograms_generations_are_asked_for_by_their_id():
    """An id comes from outside: it is no part of the path's structure."""
    route = make_route("official", key="k")

    assert route.question(Ticket(id="a/../b?c")) == Question(
        address="https://api.ideogram.ai/v2/generations/a%2F..%2Fb%3Fc"
    )
