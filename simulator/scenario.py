"""The scenario: everything a market is built from, as one frozen, typed tree of settings with units and sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError, model_validator

from simulator.agents.consumers import ConsumerSettings, NeedSettings
from simulator.agents.merchants import MerchantSettings
from simulator.agents.platform import PlatformSettings
from simulator.capability import CapabilitySettings
from simulator.choice.experience import ExperienceSettings
from simulator.choice.utility import ChoiceSettings
from simulator.insight.profiles import InsightSettings
from simulator.mechanics import MECHANICS, MechanicsSettings
from simulator.policies.campaigning import CampaigningSettings
from simulator.policies.couponing import CouponingSettings
from simulator.policies.pricing import PricingSettings
from simulator.policies.product import ProductSettings
from simulator.policies.recommendation import RecommendationSettings
from simulator.policies.stocking import StockingSettings
from simulator.privacy import PrivacySettings
from simulator.settings import Settings, SettingsError, explained, quantity
from simulator.showing import as_html, as_text
from simulator.social.attention import AttentionSettings
from simulator.social.files import read_edge_list
from simulator.social.invite import InvitationSettings
from simulator.social.joining import JoiningSettings
from simulator.social.networks import USED_BY, SocialSettings, check_fits


class PolicySettings(Settings):
    """What is decided, by whom."""

    pricing: PricingSettings = PricingSettings()
    recommendation: RecommendationSettings = RecommendationSettings()
    couponing: CouponingSettings = CouponingSettings()
    product: ProductSettings = ProductSettings()
    stocking: StockingSettings = StockingSettings()
    campaigning: CampaigningSettings = CampaigningSettings()


class Scenario(Settings):
    """All settings of one market. A run is burn-in, then campaign, then a post-window in which nothing new opens."""

    days: int = quantity(180, "length of the run", unit="day", ge=3, le=32_000)
    burn_in_days: int = quantity(30, "days before the campaign, the same in all arms", unit="day", ge=1)
    post_days: int = quantity(60, "days after the campaign, in which open groups and coupons run out", unit="day", ge=1)
    waves_per_day: int = quantity(8, "waves of a day; an invitation sent in one is read in the next", ge=1, le=24)
    consumers: ConsumerSettings = ConsumerSettings()
    needs: NeedSettings = NeedSettings()
    joining: JoiningSettings = JoiningSettings()
    social: SocialSettings = SocialSettings()
    attention: AttentionSettings = AttentionSettings()
    invitations: InvitationSettings = InvitationSettings()
    merchants: MerchantSettings = MerchantSettings()
    platform: PlatformSettings = PlatformSettings()
    choice: ChoiceSettings = ChoiceSettings()
    experience: ExperienceSettings = ExperienceSettings()
    mechanics: MechanicsSettings = MechanicsSettings()
    privacy: PrivacySettings = PrivacySettings()
    insight: InsightSettings = InsightSettings()
    policies: PolicySettings = PolicySettings()
    capability: CapabilitySettings = CapabilitySettings()

    def __init__(self, **blocks: Any) -> None:
        try:
            super().__init__(**blocks)
        except ValidationError as error:
            raise explained(Scenario, error) from None

    @property
    def campaign_end(self) -> int:
        """First day of the post-window."""
        return self.days - self.post_days

    @model_validator(mode="after")
    def _has_campaign(self) -> Self:
        campaign = self.campaign_end - self.burn_in_days
        if campaign < 1:
            raise ValueError(
                f"days={self.days} leaves no campaign between burn_in_days={self.burn_in_days} and "
                f"post_days={self.post_days}; days must be at least {self.burn_in_days + self.post_days + 1}"
            )
        for name in MECHANICS:
            block = getattr(self.mechanics, name)
            if block.enabled and block.from_day >= campaign:
                raise ValueError(
                    f"mechanics.{name}.from_day={block.from_day} is after the campaign of {campaign} days; "
                    f"allowed are 0 to {campaign - 1}"
                )
        return self

    @model_validator(mode="after")
    def _fits_population(self) -> Self:
        group, n = self.mechanics.group_buying, self.consumers.n
        if group.enabled and group.size > n:
            raise ValueError(f"mechanics.group_buying.size={group.size} is above consumers.n={n}; allowed are 2 to {n}")
        check_fits(self.social, n)
        return self

    @classmethod
    def parse(cls, tree: Mapping[str, Any]) -> Scenario:
        """A scenario from a tree of plain values, such as a composed configuration.

        Raises:
            SettingsError: Naming every wrong key, its value and what is allowed.
        """
        return cls(**tree)

    def replace(self, **changes: Any) -> Scenario:
        """A copy with some settings changed, named by dotted keys: `scenario.replace(**{"consumers.n": 500})`.

        Raises:
            SettingsError: As in `parse`.
        """
        tree = self.model_dump()
        for key, value in changes.items():
            *parents, leaf = key.split(".")
            block = tree
            for parent in parents:
                block = block.setdefault(parent, {})
                if not isinstance(block, dict):
                    raise SettingsError(f"{key}: there is no such setting; '{parent}' is a single value")
            block[leaf] = value
        return Scenario.parse(tree)

    def on_network(self) -> Scenario:
        """This scenario with the population of its network file, if it has one.

        Raises:
            SettingsError: If the file is missing or malformed, naming the line.
        """
        if self.social.kind != "edge_list" or self.social.path is None:
            return self
        try:
            n = read_edge_list(self.social.path).n
        except ValueError as error:
            raise SettingsError(f"social.path={error}") from None
        return self.replace(**{"consumers.n": n})

    def active(self) -> dict[str, Any]:
        """The settings that have an effect.

        Left out are blocks of mechanics that are off and of kinds not chosen. A network file stands for its content
        (`digest`) and decides the population.
        """
        tree = self.model_dump(mode="json")
        mechanics = tree["mechanics"]
        tree["mechanics"] = {name: block for name, block in mechanics.items() if block["enabled"]}
        on = tree["mechanics"].keys()
        used = {part for name in on for part in MECHANICS[name].uses}
        if "coupons" in on and self.mechanics.coupons.transferable:
            used.add("invitations")
        tree["policies"] = {name: _chosen(block) for name, block in tree["policies"].items()}
        if "coupons" not in on:
            tree["policies"].pop("couponing")
        if "brand" not in on:
            tree["policies"].pop("campaigning")
        if self.privacy.collection == "none":
            tree.pop("insight")
        tree["privacy"] = self.privacy.active()
        tree["capability"] = self.capability.active()
        if not self.capability.enabled:
            tree.pop("capability")
        if "wallets" not in used:
            for name in ("wallet_size", "reminder_visit"):
                tree["platform"].pop(name)
        if not ("wallets" in used and "group_buying" in on):
            tree["platform"].pop("coupons_stack_on_groups")
        for name in on:
            block = getattr(self.mechanics, name)
            for idle in (*block.idle, *block.reach_idle):
                tree["mechanics"][name].pop(idle)
        for block in ("invitations", "attention"):
            if block not in used:
                tree.pop(block)
        self._drop_idle_supply(tree)
        of_kind = USED_BY[self.social.kind]
        tree["social"] = {k: v for k, v in tree["social"].items() if k == "kind" or k in of_kind}
        if self.social.kind == "edge_list" and self.social.path is not None:
            tree["social"]["digest"] = hashlib.sha256(Path(self.social.path).read_bytes()).hexdigest()
            tree["consumers"].pop("n")
        return tree

    def _drop_idle_supply(self, tree: dict[str, Any]) -> None:
        """Leave out what has no effect on what is sold and stocked."""
        merchants = tree["merchants"]
        for cohort in merchants["cohorts"].values():
            if cohort["daily_capacity"] is None:
                cohort.pop("daily_capacity")
        if self.merchants.stock_units is None:
            merchants.pop("restock_days")
        for cost in ("holding_fen", "ordering_fen"):
            if self.merchants.stock_units is None or merchants[cost] == 0:
                merchants.pop(cost)
        if self.merchants.stock_units is None or self.policies.stocking.kind == "routine":
            tree["policies"].pop("stocking")
        if self.policies.product.kind == "fixed":
            tree["policies"].pop("product")

    @property
    def hash(self) -> str:
        """A short fingerprint of the active settings."""
        tree = self.active()
        if "digest" in tree["social"]:  # the same file elsewhere is the same network
            tree["social"].pop("path")
        text = json.dumps(tree, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return as_text(self)

    def __str__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def _chosen(policy: dict[str, Any]) -> dict[str, Any]:
    """A policy's settings less the blocks of kinds that were not chosen."""
    return {name: value for name, value in policy.items() if not isinstance(value, dict) or name == policy["kind"]}
