"""The ways to Ideogram: its own API, a bearer proxy, Pixazo, the simulator.

Pure. A route says where a call goes, which header carries the key, and from which hosts
pictures may come. A new gateway is one entry of `_ROUTES`; a new wire format one line in
`build_call`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from bot.domain.drawing import Ticket
from bot.domain.models import ImageModel, Models, RouteName
from bot.domain.request import ImageRequest
from bot.ideogram import wire_legacy, wire_v2, wire_v3
from bot.ideogram.wire import Call, Question

_IDEOGRAM_HOSTS = ("ideogram.ai", "*.ideogram.ai")

# https://www.pixazo.ai/models/ideogram: a folder for each model, and no other model.
_PIXAZO_FOLDERS = MappingProxyType(
    {"V_2": "/ideogramV_2/v1", "V_2_TURBO": "/ideogramV_2_Turbo/v1"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to Ideogram; the key never shows in its repr."""

    name: RouteName
    base_url: str  # without a slash at the end
    key: str = field(default="", repr=False)
    key_header: str = "Api-Key"
    key_prefix: str = ""
    path_prefix: str = ""
    folders: Mapping[str, str] | None = None  # by model; others are not served
    lacks: frozenset[str] = frozenset()  # models
    image_hosts: tuple[str, ...] = _IDEOGRAM_HOSTS
    provider: str = "Ideogram"  # as sentences call it

    @property
    def host(self) -> str:
        """Give the base address's host."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def headers(self) -> dict[str, str]:
        """Give the headers of a call to the API, the key in them; never for downloads."""
        return {
            self.key_header: f"{self.key_prefix}{self.key}",
            "Cache-Control": "no-cache",
        }

    def serves(self, model: str) -> bool:
        """Say whether this route has *model*."""
        return model not in self.lacks and (
            self.folders is None or model in self.folders
        )

    def address(self, call: Call, model: str) -> str:
        """Give the whole address of *call* for *model*."""
        folder = "" if self.folders is None else self.folders[model]
        return f"{self.base_url}{self.path_prefix}{folder}{call.path}"

    def question(self, ticket: Ticket) -> Question:
        """Give how *ticket* is asked for: Pixazo has a way of its own, at its root."""
        if self.folders is not None:
            return Question(
                address=f"{self.base_url}/ai-model-api-polling/getGenerationResults",
                body={"job_set_id": ticket.id},
            )
        path = f"/v2/generations/{quote(ticket.id, safe='')}"
        return Question(address=f"{self.base_url}{self.path_prefix}{path}")


_ROUTES: Mapping[RouteName, Route] = MappingProxyType(
    {
        RouteName.OFFICIAL: Route(
            name=RouteName.OFFICIAL, base_url="https://api.ideogram.ai"
        ),
        RouteName.BEARER: Route(
            name=RouteName.BEARER,
            base_url="https://api.302.ai",
            key_header="Authorization",
            key_prefix="Bearer ",
            path_prefix="/ideogram",
            lacks=frozenset({"V_4_5"}),  # no gateway is known to pass on the v2 API
            image_hosts=(*_IDEOGRAM_HOSTS, "file.302.ai"),
            provider="The Ideogram gateway",
        ),
        RouteName.PIXAZO: Route(
            name=RouteName.PIXAZO,
            base_url="https://gateway.pixazo.ai",
            key_header="Ocp-Apim-Subscription-Key",
            folders=_PIXAZO_FOLDERS,
            provider="Pixazo",
        ),
        RouteName.SANDBOX: Route(
            name=RouteName.SANDBOX, base_url="", provider="The simulated Ideogram"
        ),
    }
)


def make_route(
    name: str,
    *,
    key: str,
    base_url: str | None = None,
    image_hosts: Iterable[str] = (),
) -> Route:
    """Give the route called *name*; *base_url* replaces its own address.

    *image_hosts* are further hosts that pictures may come from.
    Raises: ValueError for an unknown name, or the sandbox without an address.
    """
    route = _ROUTES[RouteName(name)]
    address = (base_url or route.base_url).rstrip("/")
    if not address:
        raise ValueError("The sandbox is where the simulator listens: name it.")
    further = tuple(host.strip().lower() for host in image_hosts)
    return replace(
        route, key=key, base_url=address, image_hosts=(*route.image_hosts, *further)
    )


def models_on(name: str, models: Models) -> Models:
    """Give those of *models* that the route called *name* has, for parsing to offer."""
    route = _ROUTES[RouteName(name)]
    return MappingProxyType({n: m for n, m in models.items() if route.serves(n)})


def build_call(
    request: ImageRequest, model: ImageModel, *, webhook_url: str | None = None
) -> Call:
    """Give the call for *request* in the wire format of its model.

    *webhook_url* is where Ideogram says that it is done, for models that can.
    """
    match model.name:
        case "V_3":
            return wire_v3.build_call(request, model)
        case "V_4_5":
            return wire_v2.build_call(request, model, webhook_url=webhook_url)
        case _:
            return wire_legacy.build_call(request, model)
