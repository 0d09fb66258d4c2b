"""All that other apps see of language models.

Declare a prompt once, beside its template, with a function that answers from the same facts when no model can:

    class Facts(BaseModel):
        words: int                  # chosen by code: $words in the template
        bio: str                    # a person's text: reaches the model as marked data only

    class Headline(BaseModel):
        headline: str = Field(max_length=80)

    HEADLINE = door.Prompt(
        name="experts.headline", version=1, purpose="drafting", template="Write a headline of $words words …",
        facts=Facts, output=Headline, parameters=frozenset({"words"}), audience=door.Audience.PUBLIC,
        restores=frozenset({"person"}), offline=lambda facts: Headline(headline=facts.bio[:80]),
    )

Ask it in a task, outside any transaction:

    answer = door.ask(HEADLINE, Facts(words=8, bio=expert.bio), user=user, about=[user], people=[user.name])
    answer.output.headline          # checked: it has the declared shape
    answer.label                    # where it came from, for the page
    answer.verdicts                 # what the output filter thinks of it; you decide

A tool that only helps stands under `optional_tools`: routes without it are asked without it. Where code finds something
wrong with an answer, `door.ask(…, mends=answer)` asks again, once, and takes no second use of the asker's hour.

A plain text can be read while it is written: `door.ask(…, stream="draft-17")` in the task, and in the view of the page

    page = door.read("draft-17", request.user, after=request.GET.get("after", "0"))

`door.without_orders(text)` is a person's text without what it says to the model that judges it.
`door.uses(user)` says how much of the hour and the day is left; `door.embed(texts)` makes vectors, where a route for
them is named. What can come instead of an answer is in `llm.errors`, each with a sentence fit for a page. A new purpose
is a line in settings.
"""

from llm.embeddings import embed
from llm.errors import (
    BudgetSpent,
    Cancelled,
    Disabled,
    LimitReached,
    LLMError,
    OutputRejected,
    ProviderFailed,
)
from llm.filtering import Reason, Verdict
from llm.filtering.orders import Cleaned, orders, without_orders
from llm.gateway import Answer, Origin, ask, uses
from llm.prompt import Audience, Prompt, Tier
from llm.streams import cancel, read
from llm.tongues import language_of
from llm.wire import Citation, CodeExecution, WebSearch, XSearch

__all__ = [
    "Answer",
    "Audience",
    "BudgetSpent",
    "Cancelled",
    "Citation",
    "Cleaned",
    "CodeExecution",
    "Disabled",
    "LLMError",
    "LimitReached",
    "Origin",
    "OutputRejected",
    "Prompt",
    "ProviderFailed",
    "Reason",
    "Tier",
    "Verdict",
    "WebSearch",
    "XSearch",
    "ask",
    "cancel",
    "embed",
    "language_of",
    "orders",
    "read",
    "uses",
    "without_orders",
]
