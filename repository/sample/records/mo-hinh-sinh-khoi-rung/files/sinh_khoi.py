"""Above-ground biomass of one tree; parameters are read from tham_so.json beside this file."""

import json
import sys
from pathlib import Path

MODEL = json.loads(Path(__file__).with_name("tham_so.json").read_text(encoding="utf-8"))


def biomass_kg(group: str, diameter_cm: float, height_m: float, density: float) -> float:
    """Raises ValueError outside the range of diameters for which the model was fitted."""
    low, high = MODEL["valid_diameter_cm"]
    if not low <= diameter_cm <= high:
        raise ValueError(f"Đường kính phải từ {low} đến {high} cm.")
    parameters = MODEL["groups"][group]
    volume = density * diameter_cm**2 * height_m
    return float(parameters["a"] * volume ** parameters["b"])


if __name__ == "__main__":
    group, *numbers = sys.argv[1:]
    print(f"{biomass_kg(group, *map(float, numbers)):.1f} kg")
