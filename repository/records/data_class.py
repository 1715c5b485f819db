"""How a country's law classes data by what harm their spread can do."""

from enum import StrEnum

from repository.core.messages import N_


class DataClass(StrEnum):
    """The three classes of Vietnam's Law on Data (60/2024/QH15; what is important or core is
    defined in article 3(6) and (7)), each above the one before.
    """

    ORDINARY = "ordinary"
    IMPORTANT = "important"
    CORE = "core"

    @property
    def rank(self) -> int:
        return list(DataClass).index(self)

    def is_below(self, other: str) -> bool:
        return self.rank < DataClass(other).rank


LABELS = {
    DataClass.ORDINARY: N_("Ordinary data"),
    DataClass.IMPORTANT: N_("Important data"),
    DataClass.CORE: N_("Core data"),
}
