"""The sizes Ideogram draws in, as data.

The lists are those of api.ideogram.ai/openapi.json (`Resolution` and `ResolutionV3`) in the
spelling of records. For V_4_5 its page names examples only: the list is what clients of V_4
agree on in 2K, and 1024x1024.
"""

from collections.abc import Mapping
from types import MappingProxyType

_LEGACY = """
    512x1536 576x1408 576x1472 576x1536 640x1024 640x1344 640x1408 640x1472
    640x1536 704x1152 704x1216 704x1280 704x1344 704x1408 704x1472 720x1280
    736x1312 768x1024 768x1088 768x1152 768x1216 768x1232 768x1280 768x1344
    832x960 832x1024 832x1088 832x1152 832x1216 832x1248 864x1152 896x960
    896x1024 896x1088 896x1120 896x1152 960x832 960x896 960x1024 960x1088
    1024x640 1024x768 1024x832 1024x896 1024x960 1024x1024 1088x768 1088x832
    1088x896 1088x960 1120x896 1152x704 1152x768 1152x832 1152x864 1152x896
    1216x704 1216x768 1216x832 1232x768 1248x832 1280x704 1280x720 1280x768
    1280x800 1312x736 1344x640 1344x704 1344x768 1408x576 1408x640 1408x704
    1472x576 1472x640 1472x704 1536x512 1536x576 1536x640
"""

_V3 = """
    512x1536 576x1408 576x1472 576x1536 640x1344 640x1408 640x1472 640x1536
    704x1152 704x1216 704x1280 704x1344 704x1408 704x1472 736x1312 768x1088
    768x1216 768x1280 768x1344 800x1280 832x960 832x1024 832x1088 832x1152
    832x1216 832x1248 864x1152 896x960 896x1024 896x1088 896x1120 896x1152
    960x832 960x896 960x1024 960x1088 1024x832 1024x896 1024x960 1024x1024
    1088x768 1088x832 1088x896 1088x960 1120x896 1152x704 1152x832 1152x864
    1152x896 1216x704 1216x768 1216x832 1248x832 1280x704 1280x768 1280x800
    1312x736 1344x640 1344x704 1344x768 1408x576 1408x640 1408x704 1472x576
    1472x640 1472x704 1536x512 1536x576 1536x640
"""

_V_4_5 = """
    1024x1024 1024x3072 1152x2944 1248x3328 1280x3072 1440x2560 1440x2880 1600x2560
    1664x2496 1728x2304 1792x2240 2048x2048 2240x1792 2304x1728 2496x1664 2560x1440
    2560x1600 2880x1440 2944x1152 3072x1024 3072x1280 3328x1248
"""

LEGACY = tuple(_LEGACY.split())
V3 = tuple(_V3.split())
V_4_5 = tuple(_V_4_5.split())

# Ideogram does not publish which size a ratio gives. 10:16 is from a recorded answer of V_2,
# the others are the nearest entries of V3, where gateways that name a size agree.
BY_ASPECT_RATIO: Mapping[str, str] = MappingProxyType(
    {
        "ASPECT_1_1": "1024x1024",
        "ASPECT_16_9": "1312x736",
        "ASPECT_9_16": "736x1312",
        "ASPECT_16_10": "1280x800",
        "ASPECT_10_16": "800x1280",
        "ASPECT_3_2": "1248x832",
        "ASPECT_2_3": "832x1248",
        "ASPECT_4_3": "1152x864",
        "ASPECT_3_4": "864x1152",
        "ASPECT_5_4": "1120x896",
        "ASPECT_4_5": "896x1120",
        "ASPECT_2_1": "1408x704",
        "ASPECT_1_2": "704x1408",
        "ASPECT_3_1": "1536x512",
        "ASPECT_1_3": "512x1536",
    }
)

# V_4_5 is asked for sizes alone, so here a ratio is a size of ours.
_IN_2K: Mapping[str, str] = MappingProxyType(
    {
        "ASPECT_1_1": "2048x2048",
        "ASPECT_16_9": "2560x1440",
        "ASPECT_9_16": "1440x2560",
        "ASPECT_16_10": "2560x1600",
        "ASPECT_10_16": "1600x2560",
        "ASPECT_3_2": "2496x1664",
        "ASPECT_2_3": "1664x2496",
        "ASPECT_4_3": "2304x1728",
        "ASPECT_3_4": "1728x2304",
        "ASPECT_5_4": "2240x1792",
        "ASPECT_4_5": "1792x2240",
        "ASPECT_2_1": "2880x1440",
        "ASPECT_1_2": "1440x2880",
        "ASPECT_3_1": "3072x1024",
        "ASPECT_1_3": "1024x3072",
    }
)


def size_of(ratio: str | None, model: str) -> str:
    """Give the size of *ratio* (None: 1:1) with *model*; `unknown` for no ratio of ours."""
    sizes = _IN_2K if model == "V_4_5" else BY_ASPECT_RATIO
    return sizes.get(ratio or "ASPECT_1_1", "unknown")
