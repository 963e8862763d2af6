"""Natural-language processing: from an article to its quotes, their speakers and its entities.

The input is an article's text; the results are entities and quotes, as offsets into that text.
There is no I/O here, so a rule about quotes can be tested with a sentence.
"""
