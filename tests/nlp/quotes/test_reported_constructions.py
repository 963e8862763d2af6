"""Words told without marks, by construction: what is said, and by whom.

Every sentence is invented. `|` parts the pieces of a content; None is nobody named. Listings
show such a quote from confidence 0.5 on, and that is asked here.
"""

import pytest

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import find_quotes
from tests.nlp.parsed import read

pytestmark = pytest.mark.model

SHOWN_FROM = 0.5

CONSTRUCTIONS: dict[str, list[tuple[str, str, str | None]]] = {
    "an inserted cue": [
        ("The mill, Oskar Brandt expects, will close before the winter.",
         "The mill|will close before the winter", "Oskar Brandt"),
        ("The tram, Ingrid Vale fears, will never be built.",
         "The tram|will never be built", "Ingrid Vale"),
        ("The museum, Alba Renner stresses, has never asked for public money.",
         "The museum|has never asked for public money", "Alba Renner"),
        ("The bridge, Tomas Arden insisted, was never safe to cross.",
         "The bridge|was never safe to cross", "Tomas Arden"),
        ("The new ferry, Dora Quist hopes, will bring visitors back.",
         "The new ferry|will bring visitors back", "Dora Quist"),
    ],
    "an inverted cue at the end": [
        ("The dam was badly built from the start, contends engineer Pavel Novak.",
         "The dam was badly built from the start", "engineer Pavel Novak"),
        ("The orchard should have been protected years ago, argues Klara Benedek.",
         "The orchard should have been protected years ago", "Klara Benedek"),
        ("The island has enough doctors, insists health minister Rhea Collis.",
         "The island has enough doctors", "health minister Rhea Collis"),
        ("Smaller farms will not survive the new rules, warns Greta Olin, a dairy farmer.",
         "Smaller farms will not survive the new rules", "Greta Olin"),
        ("The price of salt will fall again in spring, argues Yusuf Demir.",
         "The price of salt will fall again in spring", "Yusuf Demir"),
    ],
    "a cue beside a semicolon": [
        ("Mara Voss insisted; the guild, she added, had never been consulted.",
         "the guild|had never been consulted", "she"),
        ("Ben Aldous apologised; the board, he admitted, had been wrong.",
         "the board|had been wrong", "he"),
        ("Lena Hart denied the charge; her lawyer said she had been abroad.",
         "she had been abroad", "her lawyer"),
        ("The mayor refused to resign; the deputy said he should.", "he should", "the deputy"),
        ("Critics laughed; Rosa Iveland said the plan would work.",
         "the plan would work", "Rosa Iveland"),
    ],
    "an adjective and its clause": [
        ("Sami Rauta is adamant that the statue must stay.",
         "that the statue must stay", "Sami Rauta"),
        ("Doctors are increasingly convinced that the fever comes from the ponds.",
         "that the fever comes from the ponds", "Doctors"),
        ("Mina Petrov is confident that the bridge will hold.",
         "that the bridge will hold", "Mina Petrov"),
        ("The crew was certain that the engine had failed.",
         "that the engine had failed", "The crew"),
        ("Lars Ekman is hopeful that the talks will resume.",
         "that the talks will resume", "Lars Ekman"),
    ],
    "asked, then answered": [
        ("Asked whether the quay would reopen, Lotte Brun said it depended on the weather.",
         "it depended on the weather", "Lotte Brun"),
        ("Asked about the missing funds, Piet Adler replied that he had no idea.",
         "that he had no idea", "Piet Adler"),
        ("Pressed on the delay, the minister conceded that the plan had been too ambitious.",
         "that the plan had been too ambitious", "the minister"),
        ("Questioned by reporters, Selma Dahl admitted she had signed the letter.",
         "she had signed the letter", "Selma Dahl"),
        ("Asked if he would stand again, Goran Lisk said he had not decided.",
         "he had not decided", "Goran Lisk"),
    ],
    "a participle": [
        ("Kofi Mensah left the room, complaining that no one had listened.",
         "that no one had listened", "Kofi Mensah"),
        ("Ines Duarte thanked the crews, adding that the worst was over.",
         "that the worst was over", "Ines Duarte"),
        ("The board cut the budget, arguing that the school was half empty.",
         "that the school was half empty", "The board"),
        ("Ada Brecht closed the shop, saying that rents had doubled.",
         "that rents had doubled", "Ada Brecht"),
        ("Joel Marsh resigned, claiming that he had been misled.",
         "that he had been misled", "Joel Marsh"),
    ],
    "a cue between subject and predicate": [
        ("The problem, said Hugo Brandt, is that nobody reads the contracts.",
         "The problem|is that nobody reads the contracts", "Hugo Brandt"),
        ("The point, Ella Rask argued, was never to make a profit.",
         "The point|was never to make a profit", "Ella Rask"),
        ("The trouble, says Theo Wynn, is that seeds cost more than the crop.",
         "The trouble|is that seeds cost more than the crop", "Theo Wynn"),
        ("The result, Paul Egede warned, would be another strike.",
         "The result|would be another strike", "Paul Egede"),
        ("The clinic, it was said, would move to the coast.",
         "The clinic|would move to the coast", None),
    ],
    "an aside that ends its clause": [
        ("The drug is safe, Lasse Holm says, but not for children under five.",
         "The drug is safe|but not for children under five", "Lasse Holm"),
        ("The pier is cheap, Rita Sund said, though not safe.",
         "The pier is cheap|though not safe", "Rita Sund"),
        ("Taxes will fall, the minister said, but only for the old.",
         "Taxes will fall|but only for the old", "the minister"),
        ("The baker paid nine crowns, Udo Falk said, and the smith paid one.",
         "The baker paid nine crowns|and the smith paid one", "Udo Falk"),
        ("The roof had leaked for years, Nils Aker said; all of the board knew.",
         "The roof had leaked for years|all of the board knew", "Nils Aker"),
        ("Dina Kovac explained the new rota: all shifts would end at noon.",
         "all shifts would end at noon", "Dina Kovac"),
        ("According to Rosa Munk, who runs a clinic, the plan is too slow.",
         "the plan is too slow", "Rosa Munk"),
        ("The crew said the tower was sound, though surveyors have since found rot.",
         "the tower was sound", "The crew"),
    ],
    "a label of a question or an answer": [
        ("Q: The skippers complain that the seals take their fish.",
         "that the seals take their fish", "The skippers"),
        ("A: Doctors say that the water is clean.", "that the water is clean", "Doctors"),
    ],
    "those who are told": [
        ("The ministry was told that the tunnel was flooded.",
         "that the tunnel was flooded", None),
        ("The jury was told that the guards had left before midnight.",
         "that the guards had left before midnight", None),
        ("It was claimed that the deputy had known of the leak.",
         "that the deputy had known of the leak", None),
        ("Residents were warned not to drink the water.",
         "Residents|not to drink the water", None),
        ("The inquest heard that the driver had slept for only two hours.",
         "that the driver had slept for only two hours", "The inquest"),
    ],
    "a letter, a post, a statement": [
        ("In a letter to staff, Judith Amery said the studio would move to Leeds.",
         "the studio would move to Leeds", "Judith Amery"),
        ("Signe Holt wrote to the board to say that she would resign.",
         "that she would resign", "Signe Holt"),
        ("Olaf Reiter posted online that the race had been cancelled.",
         "that the race had been cancelled", "Olaf Reiter"),
        ("In a statement, the league confirmed that the final would be replayed.",
         "that the final would be replayed", "the league"),
        ("Vera Stone was quoted as saying that the fleet would leave by June.",
         "that the fleet would leave by June", "Vera Stone"),
    ],
    "a view": [
        ("In the view of the growers, the canal came too late.",
         "the canal came too late", "the growers"),
        ("In the opinion of Judge Marwood, the will had been altered.",
         "the will had been altered", "Judge Marwood"),
        ("In his view, the ferry is too slow.", "the ferry is too slow", "his"),
        ("In the judgment of the pilots, the buoy had drifted.",
         "the buoy had drifted", "the pilots"),
        ("The roof should be replaced, in the opinion of the surveyor.",
         "The roof should be replaced", "the surveyor"),
        ("The tower, in the view of Petra Lund, is a danger to ships.",
         "The tower|is a danger to ships", "Petra Lund"),
    ],
    "what somebody found": [
        ("What the divers concluded was that the hull had rusted through.",
         "that the hull had rusted through", "the divers"),
        ("That the lift was unsafe is what the inspectors said.",
         "That the lift was unsafe", "the inspectors"),
    ],
    "a verb at the end that looks like a noun": [
        ("The seal had been broken twice, Otto Brenner suspects.",
         "The seal had been broken twice", "Otto Brenner"),
        ("The letter is a forgery, Ida Moreau suspects.", "The letter is a forgery", "Ida Moreau"),
    ],
    "a subject with a clause of its own": [
        ("Engineers say the lock, which took six years to build, was a mistake from the start.",
         "the lock, which took six years to build, was a mistake from the start", "Engineers"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "The village knows how the river behaves in March.",
        "Visitors will remember when the fair came to the square.",
        "The drought highlighted how badly the pipes had been laid.",
        "The handbook lists the duties of a keeper.",
        "The dress showed her shoulders.",
        "Marta Holm claimed her second medal of the week.",
        "She listed the boat for sale in June.",
        "We have seen how quickly a street can change.",
        "Let us say that the bridge holds.",
        "The ministry did not say when the gate would open.",
    ],
)
def test_narration_with_the_verb_of_a_report_is_hidden(text: str) -> None:
    assert all(one.confidence < SHOWN_FROM for one in find_quotes(read(text), ruleset()))


@pytest.mark.parametrize(
    "text",
    [
        "Police launched an inquiry to find who left the gate open.",
        "The firm commissioned a study to see whether the valve would hold.",
        "The coroner opened an inquest to determine how the two men died.",
    ],
)
def test_a_search_for_an_answer_states_nothing(text: str) -> None:
    assert not list(find_quotes(read(text), ruleset()))


@pytest.mark.parametrize(
    "text",
    [
        "In view of the storm, the regatta was called off.",
        "In my view, the square needs more trees.",
        "The hotel stands in the view of the castle.",
        "The council, in its judgment, must pay $3 million in damages.",
    ],
)
def test_a_view_that_nobody_named_holds_reports_nothing(text: str) -> None:
    assert not [one for one in find_quotes(read(text), ruleset()) if one.confidence >= SHOWN_FROM]


@pytest.mark.parametrize(
    "text",
    [
        "In its judgment, the court ordered the firm to pay £3m.",
        "In her opinion, Justice Marwood wrote that the law is void.",
        "In his opinion, Judge Brenner ruled that the will was false.",
    ],
)
def test_the_owner_of_a_ruling_is_no_second_speaker(text: str) -> None:
    cues = [one.cue for one in find_quotes(read(text), ruleset()) if one.confidence >= SHOWN_FROM]
    assert not [cue for cue in cues if cue and text[slice(*cue)] in {"judgment", "opinion"}]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The men were reported by the BBC as having fled to Spain.", "the BBC"),
        ("Ana Reyes was cited by police as driving without a licence.", "police"),
        ("Six cases were reported by the ministry as being linked to the farm.", "the ministry"),
    ],
)
def test_who_reports_a_deed_is_its_source(text: str, source: str) -> None:
    sources = [one.source for one in find_quotes(read(text), ruleset())]
    assert [text[slice(*one)] for one in sources if one] == [source]


@pytest.mark.parametrize(
    ("text", "content", "source"),
    [
        pytest.param(*row, id=f"{name}-{n}")
        for name, rows in CONSTRUCTIONS.items()
        for n, row in enumerate(rows)
    ],
)
def test_a_statement_is_shown_with_its_source(text: str, content: str, source: str | None) -> None:
    shown = [one for one in find_quotes(read(text), ruleset()) if one.confidence >= SHOWN_FROM]
    found = [
        ("|".join(text[start:end] for start, end in one.content),
         text[slice(*one.source)] if one.source else None)
        for one in shown
    ]  # fmt: skip
    assert (content, source) in found
    assert not any(";" in words for words, _ in found)


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("Mara Lind said on Monday, “the pier will open,” and left.", "the pier will open,"),
        ("Nils Aker said in a text message, “the roof leaks.”", "the roof leaks."),
        ("In a post on Monday, Signe Holt wrote: “the race is over.”", "the race is over."),
        ("She spoke of the dam, “the worst in years”, and left.", "the worst in years"),
    ],
)
def test_words_before_a_comma_and_a_passage_are_not_its_beginning(text: str, passage: str) -> None:
    said = [one.content for one in find_quotes(read(text), ruleset()) if one.type != "indirect"]
    assert [[text[start:end] for start, end in content] for content in said] == [[passage]]


@pytest.mark.parametrize(
    "text",
    [
        "It is clear that the plan has failed.",
        "By noon it was certain that the bridge had gone.",
        "It is now obvious that the roof leaks.",
        "The hope is that the pier will open by May.",
    ],
)
def test_what_is_so_is_nobodys_statement(text: str) -> None:
    assert not [q for q in find_quotes(read(text), ruleset()) if q.confidence >= SHOWN_FROM]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("“We are late,” the memo, which has been seen by the Harbour Post, begins.", "the memo"),
        ("“We paid too much,” according to a letter seen by the Harbour Post.", "a letter"),
        ("“It leaks,” reads the report, which was obtained by the Varness Times.", "the report"),
    ],
)
def test_who_found_a_document_is_not_its_source(text: str, source: str) -> None:
    (found,) = find_quotes(read(text), ruleset())
    assert found.source is not None
    assert text[slice(*found.source)] == source
