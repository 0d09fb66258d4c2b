"""Three messages to somebody who might become a local expert. social.outreach checks what comes back."""

from pathlib import Path

from pydantic import BaseModel

from llm import door
from social import phrasing, x_length


class Shown(BaseModel):
    post: str  # a label
    text: str
    link: str = ""  # for the writer without a model, where a post has no words to quote


class Facts(BaseModel):
    city: str
    brand: str
    language: str
    longest: int
    offer: str
    posts: list[Shown]
    tried: list[str]
    problems: list[str]


class Variant(BaseModel):
    text: str
    post: str
    quote: str


class Told(BaseModel):
    variants: list[Variant]


def offline(facts: Facts) -> Told:
    """One message for each template, each about another post as far as there are any."""
    tongue = next(one for one in phrasing.tongues().values() if one.name == facts.language)
    usable = [post for post in facts.posts if phrasing.quote_of(post.text) or post.link]
    return Told(
        variants=[
            _variant(template, usable[place % len(usable)], facts)
            for place, template in enumerate(tongue.templates)
            if usable
        ]
    )


def _variant(template: str, post: Shown, facts: Facts) -> Variant:
    """The quotation is as long as the rest leaves room for; a post without words is linked to."""
    template = template.replace("{city}", facts.city)
    room = facts.longest - x_length.length(template.replace("{quote}", ""))
    quote = phrasing.quote_of(post.text, room)
    return Variant(text=template.replace("{quote}", quote or post.link), post=post.post, quote=quote)


OUTREACH = door.Prompt(
    name="social.outreach",
    version=1,
    purpose="outreach",
    template=Path(__file__).with_name("outreach.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=Told,
    tier=door.Tier.REASONING,
    parameters=frozenset({"brand", "language", "longest", "offer"}),
    offline=offline,
    max_output_tokens=4_000,
    audience=door.Audience.PRIVATE,
)
