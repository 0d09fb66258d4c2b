"""Numbers that name a person or an account: check digits decide, and where there are none the words before them."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from llm.patterns import lazy
from llm.privacy import phones
from llm.privacy.kinds import Find, Kind, alphanumeric

# No word goes on there; Chinese and Japanese put no space before or after a number.
_BEFORE = r"(?<![A-Za-zÀ-ɏ0-9_+-])(?<!\d[.,/])"
_END = r"(?![A-Za-zÀ-ɏ0-9_-])"
_AFTER = rf"{_END}(?![.,]\d)"

_CARD = lazy(rf"{_BEFORE}[2-6]\d{{3}}(?:[ .-]?\d){{8,15}}{_AFTER}")
# First digits and lengths that schemes have given out.
_SCHEME = lazy(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}"
    r"|3(?:52[89]|5[3-8]\d)\d{12}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
)
_IBAN = lazy(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]){11,30}", re.IGNORECASE)
_MRZ = lazy(r"(?<![A-Z0-9<])[A-Z0-9<]{28,44}(?![A-Z0-9<])")
_MRZ_LINE = lazy(
    r"[PIACV][A-Z0-9<][A-Z<]{3}[A-Z0-9<]*<[A-Z0-9<]*|[A-Z0-9<]{9}\d[A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{1,16}"
    r"|\d{7}[MFX<]\d{7}[A-Z<]{3}[A-Z0-9<]{11}\d|[A-Z<]+<<[A-Z]+[A-Z<]*<<<"
)

# Spellings that only such a number has, with who checks it (modules of python-stdnum; none: the shape is enough).
_SHAPES = {
    r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}|(?!000|666|9)\d{3} (?!00)\d{2} (?!0000)\d{4}": "us.ssn",
    r"\d{8}-?[A-Z]": "es.dni",
    r"[XYZ]-?\d{7}-?[A-Z]": "es.nie",
    r"[A-Z]{6} ?[\dLMNP-V]{2} ?[A-EHLMPR-T][\dLMNP-V]{2} ?[A-Z][\dLMNP-V]{3} ?[A-Z]": "it.codicefiscale",
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]": "",  # GB
    r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d": "mx.curp",
    r"\d{6}[-+A-FU-Y]\d{3}[\dA-Y]": "fi.hetu",
    r"\d{7}[A-W][A-IW]?": "ie.pps",
    r"\d{1,2}\.\d{3}\.\d{3}-[\dK]": "cl.rut",
    r"\d{8} ?\d ?[A-Z\d]{2}\d": "pt.cc",
    r"\d{2} ?(?:[0-2]\d|3[01])(?:0\d|1[0-2])\d{2} ?[A-Z] ?\d{3}": "",  # DE, social insurance
    r"\d{2} \d{3} \d{3} \d{3}": "de.idnr",
    r"\d{6}/\d{3,4}": "cz.rc",
    r"\d{6}-\d{7}": "kr.rrn",
    r"(?:\d\d)?\d{6}[-+]\d{4}": "se.personnummer dk.cpr",
    r"\d{3}\.\d{3}\.\d{3}-\d{2}": "br.cpf",
    r"\d{2}-\d{8}-\d": "ar.cuit",
    r"756\.?\d{4}\.?\d{4}\.?\d{2}": "ch.ssn",
    r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}": "be.nn",
    r"[1-478] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}": "fr.nir",
    r"[2-9]\d{3} \d{4} \d{4}": "in_.aadhaar",
    r"\d{4} [0-3]\d[01]\d{3}": "at.vnr",
    r"[0-3]\d[01]\d{3} ?\d{5}": "no.fodselsnummer",
    r"\d-\d{4}-\d{5}-\d{2}-\d": "th.pin",
    r"\d{6}-\d{2}-\d{4}": "my.nric",
    r"\d{11}": "br.cpf tr.tckimlik pl.pesel be.nn gr.amka",
    r"\d{13}": "ro.cnp si.emso za.idnr",
    r"\d{17}[\dX]": "cn.ric",
}
_SHAPE = lazy(f"{_BEFORE}(?=[A-Z]{{0,6}} ?\\d)(?:{'|'.join(_SHAPES)}){_AFTER}")
_CHECKED_BY = [(lazy(shape), modules.split()) for shape, modules in _SHAPES.items()]

# Words that say what the number after them is: then it is that, whatever its check digits.
_NAMED = (
    r"SSN|ITIN|TIN|BSN|SIN|NAS|SVNR|AHV|AVS|NUSS|NISS|NHS|CPF|NIF|DNI|NIE|EGN|TFN|CURP|RUT|OIB|PESEL"
    r"|(?i:social security|my social|social insurance|national insurance|ni number|medicare|national id"
    r"|tax(?:payer)? ?(?:id\b|number|no\b|file)|personal (?:identity|identification) (?:number|code)"
    r"|steuer-?(?:id|nummer|nr)\b|identifikationsnummer|sozialversicherung\w*|rentenversicherung\w*"
    r"|sécurité sociale|numéro fiscal|seguridad social|codice fiscale|burgerservicenummer"
    r"|personnummer|fødselsnummer|henkilötunnus|aadhaar|ssn|bsn|cpf|nif|dni|pesel|マイナンバー|身份证|주민등록)"
)
_NAMED_NUMBER = r"[A-Z]{0,3}[ -]?\d(?:[ ./-]?\d|[ -]?[A-Z](?![a-z])){5,16}"
_PAPERS = (
    r"pass(?:port|eport|aport|aporte)|pass-?(?:nummer|nr|no)\b|reisepass|pas(?:aporte|saporto|saporte|poort)"
    r"|id[ -]?card|identity card|personalausweis|ausweis(?:nummer|nr)?|carte d['’]identité|carta d['’]identità"
    r"|documento de identidad|bilhete de identidade|cartão de cidadão|identiteitskaart|driv(?:er['’]?s?|ing) licen[cs]e"
    r"|führerschein|permis de conduire|patente di guida|carn[eé] de conducir|carta de condução|rijbewijs"
    r"|паспорт|旅券|パスポート|护照|護照|여권|visa (?:number|no)"
)
_PAPER_NUMBER = (
    r"[A-Z]{1,3} ?\d{5,8}[A-Z]?|\d{2}[A-Z]{2} ?\d{5}|\d{2} \d{2} \d{6}|\d{4} \d{6}|\d{6,9}"
    r"|(?=[A-Z]*\d[A-Z]*\d[A-Z]*\d)[A-Z\d]{8,12}"
)
_LINK = r"[^\W\d]{0,8}?(?:[\s:#№°º.,(–-]+[^\W\d]{1,14}){0,4}?[\s:#№°º.,(–-]*"
_NAMED_SSN = lazy(rf"(?<![^\W_])(?:{_NAMED}){_LINK}(?P<number>{_NAMED_NUMBER}){_END}")
_NAMED_PAPER = lazy(rf"(?<![^\W_])(?:{_PAPERS}){_LINK}(?P<number>{_PAPER_NUMBER}){_END}", re.IGNORECASE)


@cache
def _checker(module: str) -> Callable[[str], bool]:
    """Imported when first needed: a number of that shape is rare, the import is not free."""
    check: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return check


def machine_readable(text: str) -> Iterator[Find]:
    """The lines at the foot of a passport."""
    for match in _MRZ.finditer(text):
        if _MRZ_LINE.fullmatch(match[0]):
            yield Find(*match.span(), Kind.PASSPORT, match[0])


def papers(text: str, start: int, end: int) -> Iterator[Find]:
    for match in _NAMED_PAPER.finditer(text, start, end):
        yield Find(*match.span("number"), Kind.PASSPORT, alphanumeric(match["number"]))


def ibans(text: str, start: int, end: int) -> Iterator[Find]:
    for match in _IBAN.finditer(text, start, end):
        # What follows may be words: take away from the end until the check digits fit.
        for last in range(match.end(), match.start() + 14, -1):
            number = text[match.start() : last]
            if _whole(text, last) and _checker("iban")(number):
                yield Find(match.start(), last, Kind.IBAN, alphanumeric(number))
                break


def _whole(text: str, end: int) -> bool:
    return text[end - 1].isalnum() and not text[end : end + 1].isalnum()


def cards(text: str, start: int, end: int) -> Iterator[Find]:
    for match in _CARD.finditer(text, start, end):
        digits = alphanumeric(match[0])
        if _SCHEME.fullmatch(digits) and _checker("luhn")(digits):
            yield Find(*match.span(), Kind.CARD, digits)


def identities(text: str, start: int, end: int) -> Iterator[Find]:
    for match in _SHAPE.finditer(text, start, end):
        if match[0].isdigit() and phones.announced(text, match.start())[1]:
            continue  # an order or a ticket: one in some passes any check digit
        if any(shape.fullmatch(match[0]) and _checks(modules, match[0]) for shape, modules in _CHECKED_BY):
            yield Find(*match.span(), Kind.SSN, alphanumeric(match[0]))
    for match in _NAMED_SSN.finditer(text, start, end):
        yield Find(*match.span("number"), Kind.SSN, alphanumeric(match["number"]))


def _checks(modules: list[str], number: str) -> bool:
    return not modules or any(_checker(module)(number) for module in modules)
