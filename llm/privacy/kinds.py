"""What never leaves the machine as it is, and where a text holds it."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    PASSPORT = "passport"  # and other papers that say who one is
    SSN = "ssn"  # social security, tax and national identity numbers
    IP = "ip"
    ADDRESS = "address"
    PERSON = "person"


class Find(NamedTuple):
    """`value` is the same for every spelling of the same thing."""

    start: int
    end: int
    kind: Kind
    value: str


def alphanumeric(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()
