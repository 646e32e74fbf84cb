"""What `base.html` and the layouts need: a block's words a second time, and whether a page filled a block at all."""

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token
from django.template.context import Context
from django.template.loader_tags import BlockNode
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

register = template.Library()


def _rendered(name: str, context: Context) -> SafeString:
    return BlockNode(name, NodeList()).render(context)


class BlockHtmlNode(Node):
    """Put the HTML of block `name`, as the page filled it, into variable `target`; empty when it did not."""

    def __init__(self, name: FilterExpression, target: str) -> None:
        self.name, self.target = name, target

    def render(self, context: Context) -> SafeString:
        html = _rendered(self.name.resolve(context), context)
        context[self.target] = SafeString(html.strip())
        return SafeString("")


@register.tag
def block_html(parser: Parser, token: Token) -> BlockHtmlNode:
    """`{% block_html "aside" as aside %}{% if aside %}<aside>{{ aside }}</aside>{% endif %}`."""
    _tag, name, _as, target = token.split_contents()
    return BlockHtmlNode(parser.compile_filter(name), target)


@register.simple_tag(takes_context=True)
def page_title(context: Context) -> SafeString:
    """The words of block `title`, without markup, for the browser's tab: the page says its title once."""
    return SafeString(" ".join(strip_tags(_rendered("title", context)).split()))
