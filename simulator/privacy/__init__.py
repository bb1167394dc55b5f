"""Privacy governance: what the platform may record of whom, how it keeps it, and what happens when it leaks."""

from __future__ import annotations

from typing import Any, Literal

from simulator.privacy.audits import AuditSettings
from simulator.privacy.consent import ConsentSettings
from simulator.privacy.leaks import LeakSettings
from simulator.privacy.noise import NoiseSettings
from simulator.privacy.security import SecuritySettings
from simulator.settings import Settings, quantity

Collection = Literal["none", "orders", "browsing", "everything"]


class PrivacySettings(Settings):
    """How the platform treats personal data. Without collection nothing else of it acts."""

    collection: Collection = quantity(
        "none",
        "what is recorded of consumers who consent: orders; browsing (also what they look at, click and put in the "
        "cart); everything (also what they share, who they are, their device and their friends)",
    )
    consent: ConsentSettings = ConsentSettings()
    noise: NoiseSettings = NoiseSettings()
    security: SecuritySettings = SecuritySettings()
    leaks: LeakSettings = LeakSettings()
    audits: AuditSettings = AuditSettings()

    def active(self) -> dict[str, Any]:
        """The settings that have an effect."""
        tree = self.model_dump(mode="json")
        if self.collection == "none":
            return {"collection": "none"}
        asked = self.consent.kind
        tree["consent"] = {name: value for name, value in tree["consent"].items() if name in ("kind", asked)}
        secured = self.security.kind
        tree["security"] = {
            name: block for name, block in tree["security"].items() if name in ("kind", "growth", secured)
        }
        if secured == "none" or self.security.growth == 1:
            tree["security"].pop("growth", None)
        if self.collection == "orders":  # nobody looks at clicks, noisy or not
            tree["noise"].pop("epsilon")
        if self.leaks.hazard == 0:
            tree["leaks"] = {"hazard": 0.0}
        if asked == "unasked":
            tree["leaks"].pop("withdraw", None)
        else:
            tree.pop("audits")
        return tree
