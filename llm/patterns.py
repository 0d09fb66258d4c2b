"""Regular expressions that are compiled when first used: there are a hundred and fifty, most texts need few of them,
and importing the app must cost next to nothing."""

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub")


class _Lazy:
    def __init__(self, source: str, flags: re.RegexFlag) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        """Asked for once: from then on the methods are the compiled pattern's own."""
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        return self.__dict__[name]


def lazy(source: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Has the methods of a compiled pattern."""
    return cast(re.Pattern[str], _Lazy(source, flags))
