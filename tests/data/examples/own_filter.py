"""A filter of one's own: quotes of twenty words and more."""

from onrecord import QuoteOnRecord, subscribe


def is_long(found: QuoteOnRecord) -> bool:
    """Whether a quote has twenty words."""
    return sum(len(span.text.split()) for span in found.quote.content) >= 20


for found in subscribe("quotes", since="earliest", until="end", where=is_long):
    print(found.quote.content[0].text)
