"""Where a picture goes in a size of another shape. Pure.

Boxes are (left, top, right, bottom) in pixels, the right and bottom edges excluded.
"""

Size = tuple[int, int]
Box = tuple[int, int, int, int]


def scale_to_cover(source: Size, target: Size) -> float:
    """Give the factor at which *source* just fills *target*."""
    return max(target[0] / source[0], target[1] / source[1])


def scale_to_contain(source: Size, target: Size) -> float:
    """Give the factor at which *source* just fits into *target*."""
    return min(target[0] / source[0], target[1] / source[1])


def cut(source: Size, target: Size) -> Size:
    """Give the largest part of *source* that has the shape of *target*."""
    scale = scale_to_cover(source, target)
    return (
        min(source[0], max(1, round(target[0] / scale))),
        min(source[1], max(1, round(target[1] / scale))),
    )


def centred(part: Size, whole: Size) -> Box:
    """Give where *part* stands in the middle of *whole*."""
    left, top = (whole[0] - part[0]) // 2, (whole[1] - part[1]) // 2
    return left, top, left + part[0], top + part[1]


def places(part: Size, whole: Size, *, most: int = 25) -> list[Box]:
    """Give where *part* may stand in *whole*, the most central first, at most *most*."""
    left, top, _, _ = centred(part, whole)
    spare_x, spare_y = whole[0] - part[0], whole[1] - part[1]
    steps = {round(max(spare_x, spare_y) * i / (most - 1)) for i in range(most)}
    middle = left if spare_x > spare_y else top
    boxes = []
    for step in sorted(steps, key=lambda at: abs(at - middle)):
        x, y = (step, top) if spare_x > spare_y else (left, step)
        boxes.append((x, y, x + part[0], y + part[1]))
    return boxes
