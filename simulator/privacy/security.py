"""Security: what the platform spends on keeping data safe, and how much of the hazard that takes away.

What is left of the hazard of a leak is half / (half + spend), the first of the two classes of Gordon & Loeb (2002) with
an exponent of 1. The other form at hand, e^(-spend/scale), makes any hazard vanish for little money; here each further
fen does less than the one before, and no sum makes data safe.
"""

from __future__ import annotations

from typing import Literal

from simulator.settings import Settings, quantity

DAYS_PER_YEAR = 365


class EncryptionSettings(Settings):
    """Data are encrypted where they lie and on their way."""

    spend_fen: int = quantity(200, "spent per member and year", unit="fen", ge=0, le=1_000_000)
    half_fen: float = quantity(200.0, "spend that halves the hazard of a leak", unit="fen", gt=0)

    @property
    def delay_days(self) -> int:
        """Days by which records come out later."""
        return 0


class BlockchainSettings(Settings):
    """Data lie encrypted in many hands, none of which can read them alone: safer, dearer and slower."""

    spend_fen: int = quantity(400, "spent per member and year", unit="fen", ge=0, le=1_000_000)
    half_fen: float = quantity(100.0, "spend that halves the hazard of a leak", unit="fen", gt=0)
    delay_days: int = quantity(3, "days by which records come out later", unit="day", ge=0, le=365)


class SecuritySettings(Settings):
    """How the platform secures personal data."""

    kind: Literal["none", "encryption", "blockchain"] = quantity("none", "how data are secured")
    growth: float = quantity(1.0, "factor by which the spend grows in a year from the campaign's start on", gt=0, le=10)
    encryption: EncryptionSettings = EncryptionSettings()
    blockchain: BlockchainSettings = BlockchainSettings()

    @property
    def _chosen(self) -> EncryptionSettings | BlockchainSettings | None:
        match self.kind:
            case "none":
                return None
            case "encryption":
                return self.encryption
            case "blockchain":
                return self.blockchain

    def effectiveness(self, campaign_day: int = 0) -> float:
        """Share of the hazard of a leak that is taken away on a day of the campaign."""
        spend = self._spend_fen(campaign_day)
        return spend / (spend + self._chosen.half_fen) if self._chosen else 0.0

    @property
    def delay_days(self) -> int:
        """Days by which personal records come out later."""
        return self._chosen.delay_days if self._chosen else 0

    def cost_fen(self, n_members: int, campaign_day: int = 0) -> int:
        """Cost of a day, in whole fen, half to even."""
        return round(n_members * self._spend_fen(campaign_day) / DAYS_PER_YEAR)

    def _spend_fen(self, campaign_day: int) -> float:
        """Spent per member and year, at the pace of a day."""
        return self._chosen.spend_fen * self.growth ** (campaign_day / DAYS_PER_YEAR) if self._chosen else 0.0
