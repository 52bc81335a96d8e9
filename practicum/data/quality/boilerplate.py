"""Text that machines put around what people wanted: lead-ins of chat models, remains of web pages."""

import re

LEAD_IN = re.compile(
    r"(?:as an? (?:ai|artificial intelligence|large language model|language model)\b"
    r"|(?:sure|certainly|of course|absolutely)[,.!] +(?:here(?:'s| is| are)|i (?:can|will|would|'d)\b|let me)"
    r"|(?:i'm|i am) sorry,? but (?:i|as an)\b"
    r"|i (?:cannot|can't|am unable to|'m unable to) (?:assist|help|fulfil|provide|comply)"
    r"|(?:作为|身为)(?:一个|一名)?(?:ai|人工智能|大型?语言模型|语言模型)"
    r"|(?:很)?抱歉，我(?:无法|不能)(?:提供|回答|协助|帮助)"
    r"|当然(?:可以)?[，！,!]\s*(?:以下|下面|这里)是)",
    re.IGNORECASE,
)
"""How an answer of a chat model begins that speaks of itself, not of the matter."""

WEB = re.compile(
    r"(?:(?:this|our) (?:web)?site uses cookies\b.*"
    r"|we (?:and our partners )?use cookies\b.*"
    r"|(?:accept|reject|manage) (?:all )?cookies"
    r"|cookie (?:policy|settings|preferences|notice)"
    r"|(?:(?:copyright|\(c\)|©|&copy;)[^\n]{0,80})?all rights reserved\.?"
    r"|(?:copyright|©) *(?:\(c\)|©)? *\d{4}\b[^\n]{0,80}"
    r"|share (?:this(?: article| post| page)?|on (?:facebook|twitter|x|linkedin|whatsapp|reddit))"
    r"|(?:tweet|pin it|like us on facebook|follow us(?: on \w+)?)"
    r"|(?:skip|jump) to (?:main )?content"
    r"|(?:log|sign) ?in(?: *[|/] *(?:register|sign ?up))?|sign ?up|subscribe(?: to our newsletter)?"
    r"|privacy policy(?: *[|/·-] *terms(?: of (?:use|service))?)?|terms (?:of (?:use|service)|and conditions)"
    r"|please enable javascript\b.*"
    r"|版权所有.*|(?:分享到|返回)(?:微信|微博|顶部|首页).*|本网站使用cookies?.*)",
    re.IGNORECASE,
)
"""A line of a web page's frame."""


def lead_in(text: str) -> bool:
    """Whether the text begins as a chat model's talk about itself."""
    return LEAD_IN.match(text) is not None


def web_remains(text: str) -> bool:
    """Whether the text holds lines of a web page's frame and nothing else."""
    lines = [line for line in (line.strip(" \t|•*-") for line in text.split("\n")) if line]
    return bool(lines) and all(WEB.fullmatch(line) for line in lines)


def begins_with_web_remains(text: str) -> bool:
    """Whether the first line is one of a web page's frame."""
    return WEB.fullmatch(text.partition("\n")[0].strip(" \t|•*-")) is not None
