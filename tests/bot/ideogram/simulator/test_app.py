"""The simulated service is as strict as the real one's description."""

import asyncio
from datetime import datetime, timedelta

import pytest

from tests.fakes import ideogram
from tests.fakes.ideogram import KEY, ideogram_double
from tests.fakes.waiting import until

KEYED = {"Api-Key": KEY}


def body(**changes):
    fields = {"prompt": "a fox", "seed": 42, "magic_prompt_option": "OFF", **changes}
    return {"image_request": {k: v for k, v in fields.items() if v is not ...}}


def flat(**changes):
    fields = {"prompt": "a fox", "seed": 42, "magic_prompt": "OFF", **changes}
    return {k: v for k, v in fields.items() if v is not ...}


@pytest.fixture
def post(http, double):
    """Send JSON to the double with the right key; give the answer."""

    async def send(payload, path="/generate", headers=KEYED):
        return await http.post(double.url + path, json=payload, headers=headers)

    return send


async def test_a_good_answer_has_the_official_shape(post):
    """Required keys, sorted; `created` in ISO 8601 with microseconds and offset."""
    answer = (await post(body(style_type="DESIGN", aspect_ratio="ASPECT_10_16"))).json()

    item = answer["data"][0]
    assert datetime.fromisoformat(answer["created"]).tzinfo is not None
    assert answer["created"].endswith("+00:00")
    assert list(item) == sorted(item)
    assert item.pop("url").startswith("http://127.0.0.1")
    assert item == {
        "is_image_safe": True,
        "prompt": "a fox",
        "resolution": "800x1280",
        "seed": 42,
        "style_type": "DESIGN",
    }


@pytest.mark.parametrize(
    ("headers", "status", "says"),
    [
        pytest.param({}, 401, "No authorization token provided", id="none"),
        pytest.param({"Api-Key": "x"}, 401, "Access denied", id="wrong"),
        pytest.param(
            {"Authorization": f"Bearer {KEY}"}, 401, "No authorization", id="bearer"
        ),
    ],
)
async def test_the_key_travels_in_its_own_header(post, headers, status, says):
    """The official API knows no bearer keys."""
    answer = await post(body(), headers=headers)

    assert answer.status_code == status
    assert says in answer.text


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"seed": -1}, "application/problem+json"),
        ({"model": "V_1", "style_type": "DESIGN"}, "application/json"),
    ],
)
async def test_what_is_forbidden_is_refused_in_two_shapes(post, changes, kind):
    """The schema's complaints are problems (RFC 7807), the service's own are not."""
    answer = await post(body(**changes))

    assert answer.status_code == 400
    assert answer.headers["content-type"] == kind
    assert answer.json().keys() & {"detail", "error"}


async def test_a_form_is_refused(http, double):
    """Urlencoded bodies get 415 from the real service too."""
    answer = await http.post(
        double.url + "/generate", data={"prompt": "a fox"}, headers=KEYED
    )

    assert answer.status_code == 415


async def test_magic_prompt_expands_differently_every_time(post):
    """So a picture is reproduced from the final prompt, not from the typed one."""
    prompts = {
        (await post(body(magic_prompt_option=magic))).json()["data"][0]["prompt"]
        for magic in ("AUTO", "ON", "AUTO", "ON")
    }

    assert len(prompts) == 4
    assert all(prompt.startswith("a fox, ") for prompt in prompts)


async def test_a_picture_can_be_drawn_again(post, http):
    """Final prompt, magic off, seed and resolved style give the same bytes."""
    first = (
        await post(body(num_images=3, magic_prompt_option="ON", style_type="AUTO"))
    ).json()["data"][2]
    again = (
        await post(
            body(
                prompt=first["prompt"],
                seed=first["seed"],
                style_type=first["style_type"],
                aspect_ratio="ASPECT_1_1",
            )
        )
    ).json()["data"][0]

    pictures = [await http.get(item["url"]) for item in (first, again)]

    assert first["seed"] == 44
    assert pictures[0].content == pictures[1].content


async def test_v3_draws_the_same_at_its_default_speed(post, http):
    """A record without a speed is drawn again with none or with DEFAULT."""
    path = "/v1/ideogram-v3/generate"
    answers = [
        await post(flat(**c), path) for c in ({}, {"rendering_speed": "DEFAULT"})
    ]
    styles = {a.json()["data"][0]["style_type"] for a in answers}
    pictures = [await http.get(a.json()["data"][0]["url"]) for a in answers]

    assert len(styles) == 1
    assert pictures[0].content == pictures[1].content


async def test_a_call_without_a_seed_gets_one(post):
    """A seed always comes back."""
    item = (await post(body(seed=...))).json()["data"][0]

    assert 0 <= item["seed"] <= 2_147_483_647


async def test_a_forged_address_is_refused(post, http):
    """The signature covers the time."""
    url = (await post(body())).json()["data"][0]["url"]

    forged = await http.get(url.replace("exp=", "exp=9"))
    strange = await http.get(url.replace("ephemeral/", "ephemeral/x"))

    assert forged.status_code == strange.status_code == 403


async def test_a_key_on_a_picture_is_refused(post, http):
    """Its address is enough; the tests of downloads rest on this."""
    url = (await post(body())).json()["data"][0]["url"]

    assert (await http.get(url, headers=KEYED)).status_code == 400


async def test_calls_beyond_the_limit_are_turned_away(http):
    """Concurrency is limited, not calls a minute."""
    go = asyncio.Event()
    async with ideogram_double(is_recorded=False, max_in_flight=1) as double:
        double.faults.generate.append(ideogram.Fault(hold=go))
        address = double.url + "/generate"
        async with asyncio.TaskGroup() as group:
            first = group.create_task(http.post(address, json=body(), headers=KEYED))
            await until(lambda: double.studio.in_flight)
            second = await http.post(address, json=body(), headers=KEYED)
            go.set()

        assert second.status_code == 429
        assert second.json()["reject_reason"] == "inflight_limit"
        assert first.result().status_code == 200
        assert double.studio.most_in_flight == 1


@pytest.mark.parametrize(
    ("path", "headers", "says"),
    [
        ("/ideogram/generate", {"Authorization": "Bearer x"}, '"data": null'),
        ("/ideogramV_2/v1/generate", {"Api-Key": KEY}, "Invalid or missing"),
    ],
)
async def test_gateways_refuse_a_key_in_their_own_words(post, path, headers, says):
    """Their error shapes differ from the official ones."""
    answer = await post(body(), path, headers)

    assert answer.status_code == 401
    assert says in answer.text


async def test_a_gateways_folder_serves_its_model_only(post):
    """Pixazo has a path for each model."""
    answer = await post(
        body(model="V_2_TURBO"),
        "/ideogramV_2/v1/generate",
        {"Ocp-Apim-Subscription-Key": KEY},
    )

    assert answer.status_code == 400


async def test_an_unknown_ticket_is_not_found(post):
    """Only tickets that were given out can be asked for."""
    answer = await post(
        {"job_set_id": "x"},
        "/ai-model-api-polling/getGenerationResults",
        {"Ocp-Apim-Subscription-Key": KEY},
    )

    assert answer.status_code == 404


async def test_v2_answers_with_an_id_and_then_draws(http):
    """It counts as in flight until it is drawn, whoever waits for it."""
    flat_v2 = {"prompt": "a fox", "seed": 42, "magic_prompt": "off", "async": True}
    path = "/v2/image/generate/ideogram-4-5"
    async with ideogram_double(delay=timedelta(hours=1), max_in_flight=1) as double:
        accepted = await http.post(double.url + path, json=flat_v2, headers=KEYED)
        generation = accepted.json()["generation_id"]
        busy = await http.post(double.url + path, json=flat_v2, headers=KEYED)
        where = f"{double.url}/v2/generations/{generation}"
        stands = (await http.get(where, headers=KEYED)).json()
        stranger = await http.get(where, headers={"Api-Key": "x"})

    assert accepted.json() == {"generation_id": generation, "seed": 42}
    assert busy.status_code == 429
    assert stands["status"] == "pending"
    assert "data" not in stands
    assert stranger.status_code == 401
