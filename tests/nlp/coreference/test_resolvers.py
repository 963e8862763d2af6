"""The order in which the ways to resolve a source are tried."""

from onrecord.nlp.coreference.discourse import Resolution
from onrecord.nlp.coreference.resolvers import RESOLVERS, by_name, by_relative, resolve
from tests.nlp.coreference.built import built, discourse_of, entity, read_names, source


def test_a_name_comes_before_what_the_source_says_of_it() -> None:
    doc = built(
        "Ana/NNP/compound/2 Weiss/NNP/nsubj/3 left/VBD/ROOT/3",
        "the/DT/det/2 lawyer/NN/nsubj/4 Okafor/NNP/appos/2 spoke/VBD/ROOT/4",
    )
    people = (entity(doc, "Ana Weiss"), entity(doc, "Okafor"))
    found = resolve(source(doc, "the lawyer Okafor"), read_names(discourse_of(doc, *people)))
    assert found is not None
    assert (found.who, found.reason) == (1, "named here")


def test_somebody_without_a_name_is_somebody_new() -> None:
    doc = built("a/DT/det/3 senior/JJ/amod/3 official/NN/nsubj/4 spoke/VBD/ROOT/4")
    discourse = discourse_of(doc)
    found = resolve(source(doc, "a senior official"), discourse)
    assert found is not None
    assert discourse.name_of(found.who) == "a senior official"
    assert discourse.is_person(found.who)


def test_a_pronoun_without_anybody_stays_unresolved() -> None:
    doc = built("She/PRP/nsubj/2 spoke/VBD/ROOT/2")
    assert resolve(source(doc, "She"), discourse_of(doc)) is None


def test_who_is_the_noun_before_it() -> None:
    doc = built("Weiss/NNP/nsubj/5 ,/,/punct/1 who/WP/nsubj/4 spoke/VBD/relcl/1 left/VBD/ROOT/5")
    discourse = read_names(discourse_of(doc, entity(doc, "Weiss")))
    assert by_relative(source(doc, "who"), discourse) == Resolution(0, "named before “who”")


def test_the_margin_counts_how_reliable_the_resolver_is() -> None:
    doc = built("Weiss/NNP/nsubj/2 spoke/VBD/ROOT/2")
    found = resolve(source(doc, "Weiss"), discourse_of(doc, entity(doc, "Weiss")))
    assert found is not None
    assert found.margin == dict(RESOLVERS)[by_name]
