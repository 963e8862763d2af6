"""The word lists used by the English rules for names.

The rules of this package and of coreference are for English. Names in other languages are found by
`languages.neutral`, with the word lists of each language.
"""

from onrecord.nlp.entities.gazetteer import Gazetteer
from onrecord.nlp.entities.known_people import KnownPeople
from onrecord.nlp.entities.names import NameWords
from onrecord.nlp.entities.titles import Titles
from onrecord.nlp.lexicon import word_lists

lists = word_lists("en")
name_words = NameWords(lists)
titles = Titles(lists)
gazetteer = Gazetteer(lists, titles)
known_people = KnownPeople(lists, name_words)
