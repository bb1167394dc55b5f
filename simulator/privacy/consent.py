"""Consent: whose data may be used."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.draws import ALWAYS, Draws, decision
from simulator.settings import Settings, quantity, share
from simulator.state.columns import Column, Columns

OWNER = "consent"
CONCERN = decision("privacy.concern")


class ConsentSettings(Settings):
    """How consumers are asked. Who is less concerned about privacy consents more readily."""

    kind: Literal["opt_in", "opt_out", "unasked"] = quantity(
        "opt_out", "asked to agree, asked to object, or not asked at all"
    )
    opt_in: float = share(0.48, "share who agree when asked to agree", source="Johnson, Bellman & Lohse 2002")
    opt_out: float = share(0.96, "share who do not object when asked to", source="Johnson, Bellman & Lohse 2002")

    @property
    def share(self) -> float:
        """The share of consumers who consent."""
        return {"opt_in": self.opt_in, "opt_out": self.opt_out, "unasked": 1.0}[self.kind]


class Consent:
    """Who consents; given or refused when joining, and withdrawn for good.

    Attributes:
        is_asked: Whether people are asked; who is not cannot withdraw.
        concern: Each consumer's rank in concern about privacy, 0 to 1, shape (n_consumers,).
    """

    def __init__(self, settings: ConsentSettings, columns: Columns, draws: Draws) -> None:
        self.is_asked = settings.kind != "unasked"
        concern = draws.uniform(CONCERN, ALWAYS, np.arange(columns.n))
        self.concern = columns.add(
            Column("privacy_concern", "traits", np.float32, "rank in concern about privacy", "share"), concern
        )
        self._column = columns.add(
            Column("consents", OWNER, np.bool_, "whether personal data may be used, once joined"),
            concern < settings.share,
        )
        self._joined_day = columns["joined_day"]

    def given(self, consumers: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of these consumers have joined and consent, shape (n,)."""
        return np.asarray(self._column[consumers] & (self._joined_day[consumers] >= 0))

    def withdraw(self, consumers: NDArray[np.intp]) -> None:
        """They consent no longer; their profiles are to be erased, see `simulator.insight`."""
        self._column[consumers] = False
