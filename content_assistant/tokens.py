"""Tokens for programs: shown once, kept as a digest. `Authorization: Bearer …` names one."""

import hashlib
import secrets
from typing import cast

from django.db import transaction
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import audit
from accounts.models import User
from content_assistant.models import Token

SCHEME = "bearer"


def digest(token: str) -> str:
    """Of 256 random bits, so that a slow hash would protect nothing more."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make(user: User) -> str:
    """A new token in place of the one before."""
    token = secrets.token_urlsafe(32)
    row, _is_new = Token.objects.update_or_create(
        user=user, defaults={"digest": digest(token), "created_at": timezone.now()}
    )
    audit.record(action="token.make", target=row, by=user)
    return token


@transaction.atomic
def revoke(user: User) -> None:
    for row in Token.objects.filter(user=user):
        audit.record(action="token.revoke", target=row, by=user)
        row.delete()


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        scheme, _space, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        found = (
            Token.objects.filter(digest=digest(token), user__is_active=True).select_related("user").first()
        )
        if found is None:
            raise AuthenticationFailed
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return SCHEME.capitalize()


def user_of(request: Request) -> User:
    return cast(User, request.user)
