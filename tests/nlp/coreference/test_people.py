"""People in news of many kinds and countries: who is named, what they are, and who spoke.

Every text is invented. Each row says which people a careful reader finds, with their roles, and
who said each passage.
"""

from dataclasses import dataclass

import pytest

from onrecord.nlp.coreference.resolve import resolve_speakers
from onrecord.nlp.entities.merging import find_entities
from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import find_quotes
from onrecord.records import Speaker
from tests.nlp.parsed import read

pytestmark = pytest.mark.model


@dataclass(frozen=True)
class News:
    """A text, its people with their roles, and the speaker of each passage (by its beginning)."""

    text: str
    people: dict[str, str | None]
    said: dict[str, str]


NEWS = {
    "a sports report": News(
        "LEEDS — Callum Thwaite scored twice on Saturday as Harrowgate Rovers beat Milton "
        "Wanderers 3-1 and went top of the table.\n\n"
        "“I just hit it and hoped,” said Thwaite, 22, who had not scored since August. “The "
        "manager told me to be patient.”\n\n"
        "Rovers manager Javier de la Cruz was less calm. “He is a boy and he plays like a man,” "
        "the Spaniard said.\n\n"
        "Milton’s goalkeeper, Ndidi Achebe-Price, saved a penalty in the first half. Her brother "
        "Emeka plays for Rovers. “We do not speak on match days,” she said.",
        {
            "Callum Thwaite": None,
            "Javier de la Cruz": "Rovers manager",
            "Ndidi Achebe-Price": "Milton’s goalkeeper",
        },
        {
            "I just hit it": "Callum Thwaite",
            "The manager told": "Callum Thwaite",
            "He is a boy": "Javier de la Cruz",
            "We do not speak": "Ndidi Achebe-Price",
        },
    ),
    "a court report": News(
        "A former bookkeeper who stole £240,000 from a children’s charity was jailed for three "
        "years on Tuesday.\n\n"
        "Margaret Oldroyd, 61, of Wickham Lane, pleaded guilty to fraud at Norbury Crown Court. "
        "Judge Simon Fairweather KC told her: “You were trusted, and you made a living of it.”\n\n"
        "Prosecutor Amrita Sandhu said the thefts had gone on for nine years. “She took from the "
        "tin and from the till,” Sandhu said.\n\n"
        "In mitigation, Tobias Wren, defending, said Oldroyd was “deeply ashamed”. “She is a "
        "grandmother of four,” he added.",
        {
            "Margaret Oldroyd": None,
            "Simon Fairweather": "Judge",
            "Amrita Sandhu": "Prosecutor",
            "Tobias Wren": None,
        },
        {
            "You were trusted": "Simon Fairweather",
            "She took from": "Amrita Sandhu",
            "deeply ashamed": "Tobias Wren",
            "She is a grandmother": "Tobias Wren",
        },
    ),
    "US local politics": News(
        "WASHINGTON (AP) — Sen. Jane Roecker (D-Ore.) and Rep. Dale Buckner, R-Idaho, introduced a "
        "bill on Monday that would rebuild four bridges over the Snake River.\n\n"
        "“Nobody ever drove off a bridge because it was bipartisan,” Roecker said.\n\n"
        "“The senator and I agree on two things, and this is one of them,” Buckner told reporters. "
        "“The other is coffee.”\n\n"
        "Boise City Councilwoman Teresa Ybarra called the bill “about ten years late.” A spokesman "
        "for Gov. Hank Lowell declined to comment. “We have not seen the text,” the spokesman "
        "said.",
        {
            "Jane Roecker": "Sen.",
            "Dale Buckner": "Rep.",
            "Teresa Ybarra": "Boise City Councilwoman",
            "Hank Lowell": "Gov.",
        },
        {
            "Nobody ever drove": "Jane Roecker",
            "The senator and I": "Dale Buckner",
            "The other is": "Dale Buckner",
            "about ten years": "Teresa Ybarra",
            "We have not seen": "A spokesman for Gov. Hank Lowell",
        },
    ),
    "India": News(
        "NEW DELHI: Union Power Minister Raghavendra Shukla on Thursday told the Lok Sabha that no "
        "village would be without light by March.\n\n"
        "“The last pole went up on Tuesday,” Shukla said. Opposition leader Meenakshi Iyer "
        "disputed the figure. “I can show the minister forty villages in my own constituency,” she "
        "said.\n\nShri Balwant Singh Gill, sarpanch of Kotla Khurd, said the wires had come but "
        "not the current. “We hang washing on them,” Mr Gill said.",
        {
            "Raghavendra Shukla": "Union Power Minister",
            "Meenakshi Iyer": "Opposition leader",
            "Balwant Singh Gill": "sarpanch of Kotla Khurd",
        },
        {
            "The last pole": "Raghavendra Shukla",
            "I can show": "Meenakshi Iyer",
            "We hang washing": "Balwant Singh Gill",
        },
    ),
    "Nigeria": News(
        "The Governor of Oban State, Chief Adewale Ogunbanjo, has sworn in nine commissioners, "
        "charging them to “work as if the state were watching, because it is.”\n\n"
        "The governor's spokesman, Mallam Sani Dankwambo, told journalists in Oban on Wednesday "
        "that portfolios would follow. “His Excellency is not in a hurry,” he said.\n\n"
        "A chieftain of the opposition, Alhaji Musa Gidado, described the list as "
        "“a family album.” “Ogunbanjo has sworn in his cousins,” Gidado said.",
        {
            "Adewale Ogunbanjo": "Governor of Oban State",
            "Sani Dankwambo": "governor's spokesman",
            "Musa Gidado": "chieftain of the opposition",
        },
        {
            "His Excellency is": "Sani Dankwambo",
            "a family album": "Musa Gidado",
            "Ogunbanjo has sworn": "Musa Gidado",
        },
    ),
    "Ireland": News(
        "Taoiseach Aoife Brannigan has said the Government will not be “rushed into a rail "
        "line”.\n\nSpeaking in Letterkenny, Ms Brannigan said a report was due by summer. “We will "
        "read it before we answer it,” the Taoiseach said.\n\n"
        "Sinn Féin TD Diarmuid O’Neill said the north-west had heard it before. “My father was "
        "told the same in 1965,” Mr O’Neill said. “He is still waiting at the station.”\n\n"
        "Councillor Máire Ní Dhomhnaill, who chairs the county’s transport committee, said she "
        "would “believe it when I hear the whistle”.",
        {
            "Aoife Brannigan": "Taoiseach",
            "Diarmuid O’Neill": "Sinn Féin TD",
            "Máire Ní Dhomhnaill": "Councillor",
        },
        {
            "We will read": "Aoife Brannigan",
            "My father was told": "Diarmuid O’Neill",
            "He is still waiting": "Diarmuid O’Neill",
            "believe it when": "Máire Ní Dhomhnaill",
        },
    ),
    "Australia": News(
        "A sheep farmer from Wagga has found a meteorite the size of a washing machine.\n\n"
        "Lachie Pengelly, a third-generation grazier, hit it with his plough. “I thought I’d done "
        "the gearbox,” he said.\n\n"
        "Dr Siobhan Tran, a geologist at the University of New England, said it was four billion "
        "years old. “It’s older than the paddock,” Dr Tran said.\n\n"
        "Premier Kylie Masterton said the stone would stay in the state.",
        {
            "Lachie Pengelly": "third-generation grazier",
            "Siobhan Tran": "geologist at the University of New England",
            "Kylie Masterton": "Premier",
        },
        {"I thought I": "Lachie Pengelly", "It’s older": "Siobhan Tran"},
    ),
    "East Asia": News(
        "SEOUL (Reuters) - South Korean President Yoon Hae-jin met Chinese Foreign Minister Wang "
        "Zhiming on Friday for talks on fishing rights.\n\n"
        "“Fish do not carry passports,” Yoon told reporters. Wang said Beijing “took note”.\n\n"
        "Japanese Chief Cabinet Secretary Hiroki Matsudaira welcomed the meeting. “We hope to be "
        "at the next one,” Matsudaira said at a news conference in Tokyo.\n\n"
        "Park Ji-woo, a professor at Hanseong University, was doubtful. “They have agreed to "
        "agree,” Park said.",
        {
            "Yoon Hae-jin": "South Korean President",
            "Wang Zhiming": "Chinese Foreign Minister",
            "Hiroki Matsudaira": "Japanese Chief Cabinet Secretary",
            "Park Ji-woo": "professor at Hanseong University",
        },
        {
            "Fish do not": "Yoon Hae-jin",
            "took note": "Wang Zhiming",
            "We hope to": "Hiroki Matsudaira",
            "They have agreed": "Park Ji-woo",
        },
    ),
    "an earnings call": News(
        "Shares of Brightwell Logistics fell 12 percent after the company cut its forecast for the "
        "year.\n\n"
        "“Volumes softened faster than we planned for,” Chief Executive Officer Priscilla "
        "Vandermeer said on a call with analysts. “We are not going to pretend otherwise.”\n\n"
        "Chief Financial Officer J.K. Mwangi said costs would come down by $40 million. Brightwell "
        "said it would close two depots.\n\n"
        "“The guide was a surprise,” said Owen Tack, an analyst at Pellham Securities. “Vandermeer "
        "has some explaining to do.”",
        {
            "Priscilla Vandermeer": "Chief Executive Officer",
            "J.K. Mwangi": "Chief Financial Officer",
            "Owen Tack": "analyst at Pellham Securities",
        },
        {
            "Volumes softened": "Priscilla Vandermeer",
            "We are not going": "Priscilla Vandermeer",
            "The guide was": "Owen Tack",
            "Vandermeer has some": "Owen Tack",
        },
    ),
    "an obituary": News(
        "Wilfred “Buster” Hallam, the lighthouse keeper who taught three generations of Cornish "
        "children to swim, has died at 91.\n\n"
        "“He threw us in and he fished us out,” recalled Tamsin Trevanion, now a lifeguard "
        "herself.\n\n"
        "Hallam was born in Hull in 1934. “I never saw the sea until I was nine,” he told an "
        "interviewer in 2001, “and after that I never saw anything else.”\n\n"
        "His daughter, Rosemary Hallam, said he had swum on his last birthday. “The water was "
        "cold,” the younger Hallam said, “and he complained that it was not.”",
        {
            "Wilfred Hallam": "lighthouse keeper",
            "Tamsin Trevanion": None,
            "Rosemary Hallam": "His daughter",
        },
        {
            "He threw us": "Tamsin Trevanion",
            "I never saw the sea": "Wilfred Hallam",
            "The water was": "Rosemary Hallam",
        },
    ),
    "science": News(
        "Octopuses dream in colour, researchers at the Lindqvist Institute reported on Thursday in "
        "the journal Animal Minds.\n\n"
        "“We saw the colours before we believed them,” said neuroscientist Zofia Wiśniewska, who "
        "led the study. Wiśniewska and her colleague Tunde Bakare filmed nine animals asleep.\n\n"
        "Bakare said the patterns repeated. “You could set your watch by it,” he said.\n\n"
        "Not everyone is persuaded. “Colour is not a dream,” said Ingrid Solheim, a zoologist in "
        "Bergen who was not involved. She called the sample “rather small”.",
        {
            "Zofia Wiśniewska": "neuroscientist",
            "Tunde Bakare": "colleague",
            "Ingrid Solheim": "zoologist in Bergen",
        },
        {
            "We saw the": "Zofia Wiśniewska",
            "You could set": "Tunde Bakare",
            "Colour is not": "Ingrid Solheim",
            "rather small": "Ingrid Solheim",
        },
    ),
    "a war report": News(
        "Shelling resumed around the town of Velkovo overnight, both armies said.\n\n"
        "Lt. Gen. Oleksandr Hrytsenko, the commander of the northern front, said his forces had "
        "held. “They came four times and they left four times,” the general said.\n\n"
        "Maj. Pavlo Dziuba, a spokesman for the 41st Brigade, put it more plainly. “It is mud,” "
        "Dziuba said by telephone.\n\n"
        "Halyna Kravets, a pensioner, spent the night in a cellar with her neighbor. “I have "
        "buried two husbands,” she said, “and I will not be buried by a tank.”",
        {
            "Oleksandr Hrytsenko": "commander of the northern front",
            "Pavlo Dziuba": "spokesman for the 41st Brigade",
            "Halyna Kravets": "pensioner",
        },
        {
            "They came four": "Oleksandr Hrytsenko",
            "It is mud": "Pavlo Dziuba",
            "I have buried": "Halyna Kravets",
        },
    ),
    "a police statement": News(
        "Two men were arrested after a van was driven into a jeweller's shop in Corby, "
        "Northamptonshire Police said.\n\n"
        "Detective Chief Inspector Yasmin Rahman said officers were called at 4.10am. “Nobody was "
        "hurt, which is luck and nothing else,” she said.\n\n"
        "A witness, who did not want to be named, said he had heard a bang. “I thought it was the "
        "bins,” he said.\n\n"
        "Shop owner Gerald Pym, 70, said he would reopen. “They broke the window,” Mr Pym said. "
        "“They didn’t break me.”",
        {"Yasmin Rahman": "Detective Chief Inspector", "Gerald Pym": "Shop owner"},
        {
            "Nobody was hurt": "Yasmin Rahman",
            "I thought it": "A witness",
            "They broke": "Gerald Pym",
            "They didn": "Gerald Pym",
        },
    ),
    "peers and palaces": News(
        "Lord Ashby has resigned from the board of the Royal Opera after a row over the price of "
        "interval sandwiches.\n\n"
        "“I was not consulted about the cucumber,” Lord Ashby told friends. Baroness Hetherington, "
        "who chairs the board, said she regretted it. “Rupert has always felt things deeply,” Lady "
        "Hetherington said.\n\n"
        "Crown Prince Faisal bin Salman, who was in the royal box, left before the second act. Sir "
        "Nigel Pemberton-Hale, the prince’s host, said: “He had a train.”",
        {
            "Ashby": "Lord",
            "Hetherington": "Baroness",
            "Faisal bin Salman": "Crown Prince",
            "Nigel Pemberton-Hale": "prince’s host",
        },
        {
            "I was not": "Ashby",
            "Rupert has always": "Hetherington",
            "He had a train": "Nigel Pemberton-Hale",
        },
    ),
    "courtesy titles and one-word names": News(
        "BRASÍLIA — Lula left the palace by the front door. “I have nothing to hide and nowhere to "
        "go,” he said.\n\n"
        "Ms. Carvalho, his lawyer, looked on. Fernanda Carvalho has defended him for a decade. “My "
        "client is in excellent voice,” Ms. Carvalho said.\n\n"
        "Mr. van der Meulen, the Dutch ambassador, said he had come for lunch. “There was no "
        "lunch,” Mr. van der Meulen said.",
        {
            "Lula": None,
            "Fernanda Carvalho": "his lawyer",
            "van der Meulen": "Dutch ambassador",
        },
        {
            "I have nothing": "Lula",
            "My client": "Fernanda Carvalho",
            "There was no": "van der Meulen",
        },
    ),
}


@pytest.mark.parametrize("news", NEWS.values(), ids=NEWS)
def test_the_people_of_a_text_and_what_they_are(news: News) -> None:
    found = find_entities(read(news.text), article_id="x")
    roles = {one.entity.name: one.entity.role for one in found if one.entity.type == "person"}
    assert {name: roles.get(name, "not found") for name in news.people} == news.people


@pytest.mark.parametrize("news", NEWS.values(), ids=NEWS)
def test_who_said_each_passage(news: News) -> None:
    assert {start: _speaker_of(news.text, start) for start in news.said} == news.said


def _speaker_of(text: str, start: str) -> str | None:
    doc = read(text)
    quotes = find_quotes(doc, ruleset())
    speakers = resolve_speakers(doc, quotes, find_entities(doc, article_id="x"))
    at = text.index(start)
    for quote, speaker in zip(quotes, speakers, strict=True):
        if any(begin <= at < end for begin, end in quote.content):
            return _name(speaker)
    return "no quote"


def _name(speaker: Speaker | None) -> str | None:
    return speaker.name if speaker else None
