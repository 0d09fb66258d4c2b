"""What a word and a sentence are, the same for targets, checks and writers."""

import re

# Scripts that write no spaces: about two characters make a word.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]+(?:[’'.,\-–/][^\W_]+)*")
_END = re.compile(r"(?<=[.!?…])[\"”“’)\]]*\s+(?=[\"“„«(\[]?[^\W\d_a-zäöüß])|(?<=[。！？])|\n+")
# What ends with a full stop and no sentence: Dr. Sato, z. B. in Kyoto.
_SHORT = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|Prof|Nr|No|ca|bzw|z|d|u|[A-Z])\.$")


def words(text: str) -> int:
    unspaced = len(_UNSPACED.findall(text))
    return (unspaced + 1) // 2 + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def sentences(text: str) -> list[str]:
    found: list[str] = []
    for part in _END.split(text):
        if not (part := part.strip()):
            continue
        if found and _SHORT.search(found[-1]):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part)
    return found
