import pytest

from tests.pages import signed_in


@pytest.fixture
def rosa(inquiry):
    """The browser of whoever asks; each module says of which inquiry."""
    return signed_in(inquiry.traveler)


@pytest.fixture
def mei(inquiry):
    """The browser of the expert who is asked."""
    return signed_in(inquiry.expert.user)
