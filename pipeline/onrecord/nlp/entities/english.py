"""The word lists that the English rules about names ask.

The rules of this room, and those of coreference, are English: another language has its names found
as `languages.neutral` does, with word lists of its own.
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
