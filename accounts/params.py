YEARS = range(2000, 2200)  # beyond, an instant in UTC may be a year that does not exist
LONGEST = 18  # a bigint takes that many digits, whatever they are


def row_number(text: str) -> int | None:
    """The primary key that a query or a form names; None where no row can have it."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST else None
