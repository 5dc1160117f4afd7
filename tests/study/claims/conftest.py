"""The claims, measured once for all tests."""

from __future__ import annotations

import pytest

from worker_port.study.claims.all_claims import check_claims


@pytest.fixture(scope="session")
def checked():
    return check_claims()


@pytest.fixture(scope="session")
def outcomes(checked):
    return {claim.number: outcome for claim, outcome in checked}
