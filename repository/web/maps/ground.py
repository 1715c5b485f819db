"""What every map is drawn on: land, small islands, names. `partials/map_ground.svg` draws it."""

from collections.abc import Iterable
from dataclasses import dataclass

from repository.web.maps.land import Bounds, Point, land
from repository.web.maps.names import Name, islets, names
from repository.web.maps.sheet import Sheet

Letters = tuple[float, float]
LETTERS: Letters = (0.018, 0.032)  # of the sheet's width: on a screen, and on a phone


@dataclass(frozen=True)
class Ground:
    """`land` is the data of one SVG path, to be filled by the rule `evenodd`; `islets` are places
    on the sheet. A phone shows `few` names, whose letters are `large`, others `many` in `small`.
    """

    width: float
    height: float
    land: str
    islets: list[Point]
    many: list[Name]
    few: list[Name]
    small: float
    large: float


def ground(sheet: Sheet, letters: Letters = LETTERS, avoid: Iterable[Bounds] = ()) -> Ground:
    """`avoid` are boxes on the sheet that no name shall hide, but for want of another place."""
    small, large = (round(sheet.width * size, 1) for size in letters)
    taken = list(avoid)
    return Ground(
        sheet.width,
        sheet.height,
        "".join(f"{sheet.path(ring)}Z" for ring in land(sheet.shown)),
        islets(sheet),
        list(names(sheet, small, taken)),
        list(names(sheet, large, taken)),
        small,
        large,
    )
