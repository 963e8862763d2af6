"""A single quote of the log, by its id."""

from onrecord import wiring
from onrecord.cli.people_opened import OpenedPeople
from onrecord.errors import Mistake
from onrecord.people.quoted import quote_by_id
from onrecord.records import QuoteOnRecord


def find_quote(opened: OpenedPeople, quote_id: str) -> QuoteOnRecord:
    """The quote of an id or of its first digits, from the newest extractions on. Raises Mistake."""
    topic = wiring.topics_of(opened.config).extractions
    found = quote_by_id(opened.log, topic, quote_id)
    if found is None:
        raise Mistake(f"no quote {quote_id!r} in {topic}; `onrecord subscribe quotes` has the ids")
    return found
