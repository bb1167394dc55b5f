"""Checks outside test files show what they compared, as asserts in tests do."""

import pytest

CHECKERS = ("evening", "story", "sales_and_coupons", "groups_and_people")
pytest.register_assert_rewrite(*(f"tests.simulator.trade.books.{name}" for name in CHECKERS))
