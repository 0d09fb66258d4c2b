import pytest

from tests.mailserver import MailServer


@pytest.fixture
def server(settings):
    """A real mail server, and a site that sends by it."""
    with MailServer() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", running.port, False
        yield running
