"""Recent posts about a city, found by a provider's own search of X."""

from pathlib import Path

from pydantic import BaseModel, Field

from llm import door


class Facts(BaseModel):
    city: str
    accounts: list[str]
    hashtags: list[str]


class Told(BaseModel):
    class Post(BaseModel):
        url: str = Field(description="the address of the post on x.com")
        author: str
        text: str = Field(description="word for word")
        language: str
        likes: int | None
        reposts: int | None
        replies: int | None
        views: int | None
        followers: int | None

    posts: list[Post]


# Nobody answers in its place: what was not found is not made up.
SEARCH = door.Prompt(
    name="social.search",
    version=1,
    purpose="trends",
    template=Path(__file__).with_name("search.md").read_text(encoding="utf-8"),
    facts=Facts,
    output=Told,
    tools=(door.XSearch(),),
    max_tool_calls=5,
    max_output_tokens=8_000,
    audience=door.Audience.CODE,
)
