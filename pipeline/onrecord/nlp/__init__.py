"""From an article to what was said, by whom, about whom.

Comes in: an article's text. Goes out: its entities and quotes, as offsets into that text. No
input or output happens here, so a rule about quotes is tested with a sentence.
"""
