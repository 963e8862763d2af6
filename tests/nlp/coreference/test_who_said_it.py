"""Who said it, in short news of many countries and kinds, one construction each.

Every text is invented. The speaker is the full name where the text gives one, and what stands
there where it does not.
"""

from dataclasses import dataclass

import pytest

from tests.nlp.said import speakers_of

pytestmark = pytest.mark.model


@dataclass(frozen=True)
class News:
    """A text, and the speaker of each passage by its beginning."""

    text: str
    said: dict[str, str]


NEWS = {
    "called by her age and children": News(
        "Rudo Moyo, a Harare street trader, was acquitted on Friday of insulting the "
        "president.\n\n"
        "“I sell tomatoes, not insults,” the 45-year-old mother of three told reporters.\n\n"
        "Her lawyer, Blessing Chikowore, said the charge was absurd. “The state had no "
        "witness,” the lawyer said.",
        {"I sell tomatoes": "Rudo Moyo", "The state had": "Blessing Chikowore"},
    ),
    "an age and a trade": News(
        "Police have arrested Graham Utting over the theft of a church bell in Norfolk.\n\n"
        "The 58-year-old scrap dealer denied it. “I bought it fair and square,” the father of "
        "two told magistrates.",
        {"I bought it": "Graham Utting"},
    ),
    "a nationality stands for a coach": News(
        "Arsenal beat Lens 2-0 on Tuesday night.\n\n"
        "Manager Iñaki Etxeberria praised his defenders. “They were a wall,” said the "
        "Spaniard.\n\n"
        "Lens coach Franck Delorme was less pleased. “We were asleep,” the Frenchman said.",
        {"They were a wall": "Iñaki Etxeberria", "We were asleep": "Franck Delorme"},
    ),
    "a player by his position": News(
        "Kenya’s Josphat Kiptoo won the Boston Marathon on Monday in 2:05:11.\n\n"
        "“The hills were kind,” the 26-year-old said. The Kenyan, who trains in Iten, will run "
        "in Berlin next. “I am not finished,” he added.",
        {"The hills": "Josphat Kiptoo", "I am not finished": "Josphat Kiptoo"},
    ),
    "a widow": News(
        "Piet Vermaak, a wine farmer who was shot near Paarl in March, was buried on Saturday.\n\n"
        "His widow, Annelie, thanked the police. “They came every day,” the widow said.",
        {"They came every": "Annelie"},
    ),
    "a spokesman without a name": News(
        "Bharat Grid, the state-owned utility, has cut power to 200 villages in Odisha.\n\n"
        "“The line will be restored by Thursday,” a company spokesman said. Villagers blocked "
        "the highway.",
        {"The line will": "a company spokesman"},
    ),
    "a nationality after a chief executive": News(
        "Nordhaven Shipping said on Monday it would buy rival Kestrel Lines for $2.1bn.\n\n"
        "“This is a good day for our customers,” said chief executive Lars Holmqvist.\n\n"
        "The Dane said the deal would close in June. “We will not cut a single route,” he "
        "said.",
        {"This is a good": "Lars Holmqvist", "We will not cut": "Lars Holmqvist"},
    ),
    "a former office": News(
        "Former Secretary of State Margaret Aldous criticised the treaty on Sunday.\n\n"
        "“It gives away the store,” the former secretary of state said.\n\n"
        "Senator Tom Reyes, a Democrat of Nevada, disagreed. “She never read it,” the senator "
        "said.",
        {"It gives away": "Margaret Aldous", "She never read": "Tom Reyes"},
    ),
    "a party and a state": News(
        "Gov. Dale Hutchins of Nebraska and Rep. Alma Ruiz met on Friday to talk about beef.\n\n"
        "“We agree on steak,” the Republican governor said. Ruiz, a Democrat from New Mexico, "
        "smiled. “He pays,” the congresswoman said.",
        {"We agree on": "Dale Hutchins", "He pays": "Alma Ruiz"},
    ),
    "the Republican": News(
        "Sen. Walt Brandt (R-Mont.) will not seek a fourth term.\n\n"
        "“It is time to fish,” the Republican told the Billings Gazette.",
        {"It is time": "Walt Brandt"},
    ),
    "a copula gives the role": News(
        "Ama Serwaa is the mayor of Cape Coast. On Monday she closed the market.\n\n"
        "“It floods every June,” the mayor said.",
        {"It floods": "Ama Serwaa"},
    ),
    "a clause gives the role": News(
        "Rohan Perera, who chairs Sri Lanka’s cricket board, resigned on Tuesday.\n\n"
        "“I have had enough of it,” the outgoing chairman said.",
        {"I have had": "Rohan Perera"},
    ),
    "a named-later pronoun": News(
        "“I never wanted the job,” she said. But on Thursday Ingrid Halvorsen became Norway’s "
        "first female bishop of Nidaros.",
        {"I never wanted": "Ingrid Halvorsen"},
    ),
    "two of one surname": News(
        "Deepak Rao and his wife, Lakshmi Rao, run a bakery in Pune.\n\n"
        "“He does the accounts,” Mrs Rao said. “She does everything else,” her husband said.",
        {"He does the": "Lakshmi Rao", "She does everything": "Deepak Rao"},
    ),
    "a brother by name alone": News(
        "Mohammed Al-Sayegh, 19, was killed at a checkpoint near Hebron, his family said.\n\n"
        "His brother Yusuf was with him. “He put up his hands,” Yusuf said.",
        {"He put up": "Yusuf"},
    ),
    "his mother without a name": News(
        "Jamal Edwards-Reid, 16, was stabbed in Croydon on Sunday.\n\n"
        "“He was going to be an engineer,” his mother said.",
        {"He was going": "his mother"},
    ),
    "a victim's mother with a name": News(
        "Jamal Edwards-Reid, 16, was stabbed in Croydon on Sunday.\n\n"
        "His mother, Sandra Reid, spoke at a vigil. “He was going to be an engineer,” his "
        "mother said.",
        {"He was going": "Sandra Reid"},
    ),
    "who tweets": News(
        "Opposition lawmaker Chukwuma Eze rejected the budget. “Dead on arrival,” he tweeted. "
        "The lawmaker, who represents Enugu North, had asked for roads.",
        {"Dead on arrival": "Chukwuma Eze"},
    ),
    "a colon and a spokesperson": News(
        "A Home Office spokesperson said: “We do not comment on individual cases.”\n\n"
        "Shadow minister Priti Nair said: “They never do.”",
        {"We do not comment": "A Home Office spokesperson", "They never do": "Priti Nair"},
    ),
    "as told to": News(
        "“I saw the wave,” fisherman Wayan Sutrisna told AFP by telephone from Lombok. “It was "
        "taller than the mosque.”",
        {"I saw the wave": "Wayan Sutrisna", "It was taller": "Wayan Sutrisna"},
    ),
    "a statement read by another": News(
        "In a statement read by her lawyer, Kim Ferrante, the singer Dalia Moore said she was "
        "“heartbroken” by the ruling.",
        {"heartbroken": "Dalia Moore"},
    ),
    "a judge in a ruling": News(
        "High Court judge Mumbi Wanjiru struck down the tax on Wednesday.\n\n"
        "“Parliament may not do in the dark what it must do in the light,” the judge wrote in "
        "a 60-page ruling.",
        {"Parliament may not": "Mumbi Wanjiru"},
    ),
    "a judge told the accused": News(
        "Sentencing Darren Pike, 34, to six years, Judge Helena Cross told him: “You preyed on "
        "the lonely.”\n\n"
        "Pike’s barrister, Oliver Tan, said his client was “ashamed”.",
        {"You preyed": "Helena Cross", "ashamed": "Oliver Tan"},
    ),
    "minister by portfolio": News(
        "Finance Minister Nirupama Das and Defence Minister Vikram Chauhan toured the border "
        "on Friday.\n\n"
        "“The roads are ready,” the defence minister said. “And paid for,” the finance "
        "minister added.",
        {"The roads are": "Vikram Chauhan", "And paid for": "Nirupama Das"},
    ),
    "a prime minister and a president": News(
        "French President Élodie Marchand met Prime Minister Bernard Coty on Monday.\n\n"
        "“We work as one,” the president said. “On some days,” the prime minister said.",
        {"We work as one": "Élodie Marchand", "On some days": "Bernard Coty"},
    ),
    "the leader of a party": News(
        "Jacinda Poole, leader of the opposition Country Party, called for an election.\n\n"
        "“The people are tired,” the opposition leader said in Suva.",
        {"The people are": "Jacinda Poole"},
    ),
    "an analyst at a bank": News(
        "The rupee fell to a record low. “Nobody wants to catch this knife,” said Farah "
        "Siddiqui, an economist at Habib Metro Bank. The central bank was silent, the "
        "economist said.",
        {"Nobody wants": "Farah Siddiqui"},
    ),
    "an official on condition": News(
        "“They lied to us,” said one official, who spoke on condition of anonymity. A second "
        "official said the talks would go on.",
        {"They lied": "one official"},
    ),
    "the pair": News(
        "Sisters Nomsa and Thandi Khumalo opened a school in Durban. “We had no money and no "
        "roof,” the pair said in a joint letter.",
        {"We had no money": "the pair"},
    ),
    "an actor of a film": News(
        "Bollywood star Aarav Malhotra arrived in Cannes late. “My flight was in another "
        "film,” the actor joked.",
        {"My flight": "Aarav Malhotra"},
    ),
    "a goalkeeper saves": News(
        "Goalkeeper Ayodele Bankole saved two penalties to send Nigeria through. “I guessed,” "
        "the keeper admitted.",
        {"I guessed": "Ayodele Bankole"},
    ),
    "the bank's governor": News(
        "Reserve Bank governor Tamati Ngata held rates at 4 percent.\n\n"
        "“Inflation is not dead, it is resting,” the governor told a press conference in "
        "Wellington.",
        {"Inflation is not": "Tamati Ngata"},
    ),
    "the activist, the campaigner": News(
        "Environmental activist Rosa Quispe was freed on bail in Lima.\n\n"
        "“The river is my lawyer,” the activist said outside the court.",
        {"The river is": "Rosa Quispe"},
    ),
    "a bishop": News(
        "The Archbishop of Kaduna, Matthias Gwandu, led prayers.\n\n"
        "“We bury too many of our young,” the archbishop told worshippers.",
        {"We bury": "Matthias Gwandu"},
    ),
    "a general in a coup": News(
        "General Idrissa Konaté seized power in a coup in 2021. On state television the "
        "general said: “The army does not want power.”",
        {"The army does": "Idrissa Konaté"},
    ),
    "a cut quote": News(
        "“If the rains fail,” said Halima Warsame, a herder near Garissa, “the goats go first, "
        "and then us.”",
        {"If the rains": "Halima Warsame", "the goats go": "Halima Warsame"},
    ),
    "two speakers in one sentence": News(
        "Mayor Ben Okri-Hughes called the plan “a gift”, while union leader Sheila Dunne "
        "called it “a con”.",
        {"a gift": "Ben Okri-Hughes", "a con": "Sheila Dunne"},
    ),
    "X, said Y, of Z": News(
        "“It is theft,” said Captain Morag Sinclair, of the Ullapool Fishermen’s Association, "
        "of the new quota.",
        {"It is theft": "Morag Sinclair"},
    ),
    "a reporting participle": News(
        "Speaking after the match, Ireland captain Róisín Daly praised the crowd, saying it "
        "was “our sixteenth player”.",
        {"our sixteenth": "Róisín Daly"},
    ),
    "pronoun after another is mentioned": News(
        "Kanagawa police chief Takeshi Mori said he had apologised to Yuko Hayashi. “We failed "
        "her,” he said.\n\n"
        "Hayashi was held for nine days. “They asked me the same thing each morning,” she "
        "said.",
        {"We failed her": "Takeshi Mori", "They asked me": "Yuko Hayashi"},
    ),
    "the tycoon": News(
        "Hong Kong property tycoon Raymond Kwok-Leung denied bribery. “I gave him mooncakes,” "
        "the billionaire told the court.",
        {"I gave him": "Raymond Kwok-Leung"},
    ),
    "a letter": News(
        "Health Secretary Liam Foxton wrote to doctors on Friday. “The offer is final,” the "
        "letter said. “I will not move again,” he wrote.",
        {"The offer is": "Liam Foxton", "I will not move": "Liam Foxton"},
    ),
    "the suspect's neighbour": News(
        "Neighbours of Karl Brenner, 41, were shocked. “He fed my cat,” said Ursula Klein, 70. "
        "“He was quiet,” another neighbour said.",
        {"He fed my": "Ursula Klein", "He was quiet": "another neighbour"},
    ),
    "a source familiar": News(
        "Talks between Orbis and Vantage have stalled, two people familiar with the matter "
        "said. “It is the price,” one of the people said.",
        {"It is the price": "one of the people"},
    ),
    "president and first lady": News(
        "First lady Michelle Obama spoke in Phoenix on Thursday. “Vote,” she said, “and bring "
        "a friend to vote.”\n\n"
        "President Obama was in Florida. “Michelle is the better speaker,” the president said.",
        {"bring a friend": "Michelle Obama", "Michelle is the": "Barack Obama"},
    ),
    "a surname alone is a man": News(
        "Lavrov said the talks had failed. “We were not heard,” he told Tass.\n\n"
        "The Kremlin said it would wait.",
        {"We were not heard": "Sergei Lavrov"},
    ),
    "a wicket": News(
        "England bowled out for 91. “It was not good enough,” captain Joe Harding said. Coach "
        "Brett McAllister agreed with his skipper. “We batted like a pub side,” the New "
        "Zealander said.",
        {"It was not good": "Joe Harding", "We batted": "Brett McAllister"},
    ),
    "a farmer, a drought": News(
        "Cotton grower Narayan Patil has lost two crops. “The well is a hole with a story,” "
        "the 62-year-old farmer said at his home in Vidarbha.",
        {"The well is": "Narayan Patil"},
    ),
    "a rapper in court": News(
        "Rapper Kofi “Blaze” Antwi appeared before magistrates in Accra. “I was rapping, not "
        "threatening,” the musician said.",
        {"I was rapping": "Kofi Antwi"},
    ),
    "his deputy": News(
        "Transport Minister Jonas Lindqvist resigned. His deputy, Karin Ek, will act in his "
        "place. “The trains will run,” the deputy minister said.",
        {"The trains will": "Karin Ek"},
    ),
    "a doctor at a hospital": News(
        "Dr. Samira Haddad, head of surgery at Al-Amal hospital in Gaza, said the wards were "
        "full. “We operate by telephone light,” the surgeon said.",
        {"We operate": "Samira Haddad"},
    ),
    "a headteacher": News(
        "Headteacher Colin Bragg banned phones. “They talk at lunch now,” the head said. "
        "Parents were split; one mother said it was “overdue”.",
        {"They talk at": "Colin Bragg", "overdue": "one mother"},
    ),
    "the chief justice": News(
        "Chief Justice D.K. Mahajan adjourned the hearing. “This court is not a theatre,” the "
        "chief justice said.",
        {"This court is": "D.K. Mahajan"},
    ),
    "according to a named expert": News(
        "The virus is “not finished with us”, according to Prof Adaeze Nwosu, a virologist at "
        "the University of Ibadan.",
        {"not finished": "Adaeze Nwosu"},
    ),
    "a paragraph carried on": News(
        "Union boss Mick Lannigan addressed the pickets. “We have been patient.\n\n"
        "“We have been polite. That is over.”",
        {"We have been patient": "Mick Lannigan", "We have been polite": "Mick Lannigan"},
    ),
    "a question and an answer": News(
        "Asked whether he would stand again, Senegal’s President Mamadou Diop said: “God knows "
        "and I do not.”",
        {"God knows": "Mamadou Diop"},
    ),
    "the outlet reports": News(
        "“We are ready,” Iran’s foreign minister, Hossein Ranjbar, was quoted as saying by the "
        "IRNA news agency.",
        {"We are ready": "Hossein Ranjbar"},
    ),
    "a report": News(
        "The report, by Human Rights Watch, described “a pattern of beatings”. Police "
        "spokesman Otieno Barasa rejected it. “Fiction,” he said.",
        {"a pattern of beatings": "The report"},
    ),
    "the victim's daughter": News(
        "Retired teacher Edith Moss, 81, was robbed on her doorstep. Her daughter Claire said: "
        "“She gave him tea first.” The pensioner said she was not afraid. “He was only a boy,” "
        "she said.",
        {"She gave him": "Claire", "He was only": "Edith Moss"},
    ),
    "a chef": News(
        "Chef Paolo Ricci lost his second star. “I cooked for my mother, not for tyres,” the "
        "Italian said.",
        {"I cooked for": "Paolo Ricci"},
    ),
    "the plaintiff": News(
        "Hannah Brodie sued the council after falling in a pothole. “It was the size of a "
        "bath,” the 33-year-old nurse told the court. The council’s barrister, James Loke, "
        "suggested it was “a puddle”.",
        {"It was the size": "Hannah Brodie", "a puddle": "James Loke"},
    ),
    "general secretary": News(
        "Padraig Moran, general secretary of the Dockworkers’ Union, said members would "
        "strike. “The gates will close,” the general secretary said.",
        {"The gates will": "Padraig Moran"},
    ),
    "an astronaut": News(
        "NASA astronaut Leticia Vance returned on Sunday. “Gravity is rude,” she told mission "
        "control. The commander, who spent 200 days aloft, will rest.",
        {"Gravity is rude": "Leticia Vance"},
    ),
    "the striker and the manager": News(
        "Manager Sean Dolan substituted Poland striker Tomasz Wilk after an hour. “He was "
        "tired,” the manager said. “I was not tired,” the Pole said.",
        {"He was tired": "Sean Dolan", "I was not tired": "Tomasz Wilk"},
    ),
    "a union and its leader": News(
        "Nurses at St Brigid’s hospital in Limerick will strike on Friday. “We have no choice "
        "left,” said Orla Keane of the Irish Nurses’ Union. The hospital’s chief executive, "
        "Fintan Duffy, said he was “saddened”. The union leader said talks had failed. “They "
        "walked out,” she said.",
        {
            "We have no choice": "Orla Keane",
            "saddened": "Fintan Duffy",
            "They walked out": "Orla Keane",
        },
    ),
    "an inspector at a scene": News(
        "A man was found dead in a canal in Leeds. Detective Inspector Farzana Malik said: “We "
        "are keeping an open mind.” The officer urged witnesses to come forward. “Somebody saw "
        "something,” she added.",
        {"We are keeping": "Farzana Malik", "Somebody saw": "Farzana Malik"},
    ),
    "Lok Sabha exchange": News(
        "NEW DELHI: Home Minister Devendra Rathore told Parliament that the border was quiet. "
        "“Not one inch has been lost,” he said. Congress MP Shalini Menon interrupted him. "
        "“Then show us the map,” she said.",
        {"Not one inch": "Devendra Rathore", "Then show us": "Shalini Menon"},
    ),
    "an airline statement": News(
        "Air Zambezi said in a statement it “deeply regrets” the delay. Passenger Chipo Banda "
        "waited 19 hours. “They gave us one biscuit,” she said. The carrier’s spokeswoman, "
        "Mary Phiri, declined to say how many were stranded.",
        {"deeply regrets": "Air Zambezi", "They gave us": "Chipo Banda"},
    ),
    "president's spokesman": News(
        "Kenyan President Joseph Mutua will not sign the bill, his spokesman said. “The "
        "president has read every page,” the spokesman, Isaac Oloo, told reporters. Opposition "
        "leader Grace Wambui welcomed it. “He can read after all,” she quipped.",
        {"The president has": "Isaac Oloo", "He can read": "Grace Wambui"},
    ),
    "a couple in a flood": News(
        "Pedro and Lucía Andrade lost their house in the flood. “The river came in without "
        "knocking,” Lucía said. Her husband nodded. “Thirty years,” he said.",
        {"The river came": "Lucía Andrade", "Thirty years": "Pedro"},
    ),
    "an election winner": News(
        "Conservative candidate Magnus Thorvald won the Reykjavik by-election by 12 votes. "
        "“Every one of them is a friend,” the winner said. The loser, Sigrún Jónsdóttir, asked "
        "for a recount. “Twelve is not a number,” she said.",
        {"Every one of them": "Magnus Thorvald", "Twelve is not": "Sigrún Jónsdóttir"},
    ),
    "a central banker and a trader": News(
        "Turkish central bank governor Leyla Aksoy raised rates to 50 percent. “We will do "
        "what it takes,” she said. Traders were unmoved. “They always say so,” one trader in "
        "London said.",
        {"We will do": "Leyla Aksoy", "They always": "one trader in London"},
    ),
    "a bail hearing": News(
        "Former minister Sipho Ndlovu appeared in the Johannesburg magistrate’s court on "
        "charges of fraud. His lawyer, advocate Thabo Mokoena, asked for bail. “My client has "
        "nowhere to run,” Mokoena told the court. Magistrate Annelise Botha was not convinced. "
        "“He has three passports,” she said.",
        {"My client": "Thabo Mokoena", "He has three": "Annelise Botha"},
    ),
    "a chess champion": News(
        "World champion Viktor Lazarenko drew with 17-year-old Indian prodigy Arjun Pillai. “I "
        "saw the mate and he did not,” the teenager said. The champion was gracious. “He is "
        "better than I was,” Lazarenko said.",
        {"I saw the mate": "Arjun Pillai", "He is better": "Viktor Lazarenko"},
    ),
    "twitter and an aide": News(
        "“FAKE,” President Rolando Cruz-Medina posted at 3 a.m. An aide said the president had "
        "been asleep. “His phone was awake,” the aide said.",
        {"His phone was": "An aide"},
    ),
    "a film director at Venice": News(
        "Polish director Agata Wrona’s film won the Golden Lion. “I made it for my "
        "grandmother,” Wrona said. The jury president, Hollywood star Dean Halloway, called it "
        "“a wound and a song”.",
        {"I made it": "Agata Wrona", "a wound": "Dean Halloway"},
    ),
    "a mine rescue": News(
        "Rescuers in Chile reached four miners on Tuesday. “We heard singing,” rescuer Hernán "
        "Rojas said. One of the miners, Luis Bravo, 52, asked for a cigarette. “I stopped in "
        "there,” the grandfather joked. “I am starting again.”",
        {
            "We heard singing": "Hernán Rojas",
            "I stopped in": "Luis Bravo",
            "I am starting": "Luis Bravo",
        },
    ),
    "the EU and a commissioner": News(
        "BRUSSELS (Reuters) - EU trade commissioner Henrik Vestby said on Monday tariffs would "
        "come into force in May. “We have waited long enough,” the Dane told a news "
        "conference. China’s commerce ministry called the move “protectionism in a suit”.",
        {"We have waited": "Henrik Vestby", "protectionism in": "China’s commerce ministry"},
    ),
    "a teacher killed": News(
        "Colleagues paid tribute to Sarah Whitlock, the primary school teacher killed by a "
        "falling tree. “She sang in every corridor,” said headteacher Mark Ames. Her father "
        "said the family was heartbroken. “She was the best of us,” he said.",
        {"She sang": "Mark Ames", "She was the best": "Her father"},
    ),
    "an analyst and a note": News(
        "Copper hit $12,000 a tonne. “This is a squeeze, not a trend,” Wei Jun, who covers "
        "metals at Jade Securities, wrote in a note. The analyst expects prices to fall by "
        "March.",
        {"This is a squeeze": "Wei Jun"},
    ),
    "Russian official via Tass": News(
        "“There will be no truce,” Deputy Foreign Minister Arkady Belov told the TASS news "
        "agency on Friday. The diplomat did not elaborate.",
        {"There will be no": "Arkady Belov"},
    ),
    "an acting president": News(
        "Acting President Choi Min-seo ordered an inquiry. “The public deserves the truth,” "
        "Choi said in a televised address. Her predecessor, Han Do-yoon, was impeached in May.",
        {"The public deserves": "Choi Min-seo"},
    ),
    "Mexican mother of missing": News(
        "María Elena Soto has searched for her son for nine years. “I dig with my hands,” the "
        "61-year-old said. Prosecutor Raúl Ibarra said the case was open. “It is open like a "
        "wound,” Soto answered.",
        {"I dig with": "María Elena Soto", "It is open": "María Elena Soto"},
    ),
    "a pub landlord": News(
        "Landlord Des Cartwright has banned card payments at the Fox in Ludlow. “Cash never "
        "asks for an update,” the publican said. Regular Joan Pugh, 83, disagreed. “I have not "
        "seen cash since my wedding,” the pensioner said.",
        {"Cash never": "Des Cartwright", "I have not seen": "Joan Pugh"},
    ),
    "rugby and referee": News(
        "Scrum-half Aled Morgan was sent off after nine minutes. “I slipped,” the Welshman "
        "said. Referee Pascal Guérin saw it differently. “He did not slip twice,” said the "
        "Frenchman.",
        {"I slipped": "Aled Morgan", "He did not slip": "Pascal Guérin"},
    ),
    "the founder of a startup": News(
        "Lagos-based startup PayFlux has raised $30m. “We will be in ten countries by June,” "
        "said co-founder and chief executive Ngozi Adeleke. Investor Brad Linton of Ridge "
        "Capital called the company “a rocket with brakes”.",
        {"We will be in": "Ngozi Adeleke", "a rocket": "Brad Linton"},
    ),
    "a bishop and a minister": News(
        "The Bishop of Jaffna, Anton Rajan, accused the government of lying. “The dead cannot "
        "sign forms,” the bishop said. Justice Minister Ruwan de Alwis rejected the charge. "
        "“The bishop is mistaken,” the minister said.",
        {"The dead cannot": "Anton Rajan", "The bishop is": "Ruwan de Alwis"},
    ),
    "an Israeli and a Palestinian": News(
        "Israeli Defence Minister Ehud Barkai said the raid was over. “We got who we came "
        "for,” Barkai said. Palestinian Health Minister Rania Khoury said 14 people had died. "
        "“They came for the ward,” she said.",
        {"We got who": "Ehud Barkai", "They came for": "Rania Khoury"},
    ),
    "a surgeon's apology": News(
        "Surgeon Neil Hathersage removed the wrong kidney. “I will carry it always,” he told "
        "the tribunal. His patient, Moira Kelly, 66, was in the room. “So will I,” she said.",
        {"I will carry": "Neil Hathersage", "So will I": "Moira Kelly"},
    ),
    "a Canadian premier": News(
        "Alberta Premier Joan Lacroix walked out of talks with Prime Minister Étienne Roy. “He "
        "lectured,” the premier said. Roy said he was “puzzled”.",
        {"He lectured": "Joan Lacroix", "puzzled": "Étienne Roy"},
    ),
    "two parties": News(
        "Rep. Carla Mendez, a California Democrat, voted no. “It is a bad bill with a good "
        "name,” Mendez said. Her Republican colleague, Rep. Tim Holt of Ohio, voted yes. “It "
        "is a good bill with a bad press,” the Ohio lawmaker said.",
        {"It is a bad bill": "Carla Mendez", "It is a good bill": "Tim Holt"},
    ),
    "a whistle-blower": News(
        "Former engineer Raj Anand warned Orbita in 2019. “I wrote it in red,” Anand told the "
        "inquiry. The whistleblower said he was dismissed a week later. Orbita’s lawyer, Helga "
        "Brandt, said the memo was “ambiguous”.",
        {"I wrote it": "Raj Anand", "ambiguous": "Helga Brandt"},
    ),
    "a tennis final": News(
        "Top seed Elena Markova beat Wang Xiu 6-3, 6-4. “My serve woke up,” the Russian said. "
        "Wang, 19, was in tears. “I will be back,” the Chinese teenager said.",
        {"My serve": "Elena Markova", "I will be back": "Wang Xiu"},
    ),
    "village head in Indonesia": News(
        "The volcano erupted at dawn. Village head Ketut Sudarma moved 400 people. “We "
        "practised this,” he said. Volcanologist Dewi Lestari warned of more. “The mountain is "
        "not finished,” the scientist said.",
        {"We practised": "Ketut Sudarma", "The mountain is": "Dewi Lestari"},
    ),
    "two leaders met": News(
        "Vladimir Putin met Xi Jinping in Kazan on Tuesday. “We agree on everything,” the "
        "Chinese leader said. “Almost everything,” the Russian president added.",
        {"We agree on": "Xi Jinping", "Almost everything": "Vladimir Putin"},
    ),
    "two leaders by their offices": News(
        "Macron and Scholz argued late into the night about gas. “Paris cannot pay for "
        "Berlin,” the French president said. The German chancellor was calm. “Nobody asked "
        "Paris to,” he said.",
        {"Paris cannot": "Emmanuel Macron", "Nobody asked": "Olaf Scholz"},
    ),
    "the Israeli prime minister": News(
        "Netanyahu flew to Washington to see Trump. “We will finish the job,” the Israeli "
        "prime minister said. “He is a tough guy,” the US president said.",
        {"We will finish": "Benjamin Netanyahu", "He is a tough": "Donald Trump"},
    ),
    "Zelensky and a reporter": News(
        "Asked about the offer, Zelensky shrugged. “Paper burns,” the Ukrainian leader told "
        "the BBC’s Clive Norton.",
        {"Paper burns": "Volodymyr Zelensky"},
    ),
    "Indian opposition": News(
        "Prime Minister Narendra Modi opened a bridge in Assam. “This is new India,” Modi "
        "said. Opposition leader Rahul Gandhi said the prime minister was “cutting ribbons, "
        "not prices”.",
        {"This is new": "Narendra Modi", "cutting ribbons": "Rahul Gandhi"},
    ),
    "a French minister": News(
        "Emmanuel Macron’s interior minister, Luc Ferrand, resigned. “I leave with my head "
        "high,” the minister said. The president thanked him. “Luc served,” Macron said.",
        {"I leave with": "Luc Ferrand", "Luc served": "Emmanuel Macron"},
    ),
    "a statement that says something": News(
        "The Council of Bishops issued a statement calling the raid a sin. “No altar can bless "
        "it,” the statement said.",
        {"No altar": "Council of Bishops"},
    ),
    "a former aide to somebody": News(
        "Governor Paul Ames has lost three of his staff since March. “He never slept,” said the "
        "former aide to Governor Ames.",
        {"He never": "the former aide to Governor Ames"},
    ),
    "whoever is spoken of does not speak": News(
        "Comedian Piers Hallam, 43, posted the clip on Thursday. “What if Donald Trump had a "
        "butler?” the 43-year-old asked.",
        {"What if": "Piers Hallam"},
    ),
    "a party tells two candidates apart": News(
        "Donald Trump attacked Hillary Clinton in Ohio. “I can take it,” the Democratic nominee "
        "said.",
        {"I can take": "Hillary Clinton"},
    ),
    "hospital trust": News(
        "Barnham NHS Trust has apologised to the family of baby Isla Hughes. “We failed her,” "
        "chief executive Ruth Adebayo said. Isla’s parents, Gareth and Nia Hughes, said they "
        "wanted answers. “Nobody listened,” said Mrs Hughes, 29. Her husband added: “We rang "
        "four times.”",
        {"We failed her": "Ruth Adebayo", "Nobody listened": "Nia Hughes"},
    ),
    "cricket India": News(
        "India skipper Rohan Desai won the toss. “We will bat first,” he said. Australia "
        "captain Mitch Calloway was happy to bowl. “There is grass on it,” the fast bowler "
        "said.",
        {"We will bat": "Rohan Desai", "There is grass": "Mitch Calloway"},
    ),
    "merger analyst": News(
        "Shares in Halden Steel rose 11%. “It is a fair price,” its chairman, Erik Strand, "
        "told investors. Analyst Maya Feld of Brandt & Co. disagreed. “It is a fair price for "
        "half of it,” she wrote. The chairman declined to comment on her note.",
        {"It is a fair price,": "Erik Strand", "It is a fair price for": "Maya Feld"},
    ),
    "an inquest": News(
        "An inquest heard that Callum Boyd, 24, had texted his sister before he died. “He said "
        "he was cold,” Leanne Boyd told the coroner. Coroner Dr Alan Fitch recorded a verdict "
        "of misadventure. “He was let down by all of us,” he said.",
        {"He said he": "Leanne Boyd", "He was let": "Alan Fitch"},
    ),
    "Supreme Court of India": News(
        "A bench led by Justice Meera Krishnan stayed the order. “Bulldozers are not judges,” "
        "the bench said. Solicitor General Anil Kapoor argued that the houses were illegal. "
        "“So is haste,” Justice Krishnan replied.",
        {"Bulldozers": "the bench", "So is haste": "Meera Krishnan"},
    ),
    "strike at port": News(
        "Dockers in Durban downed tools on Monday. “Our children eat promises,” shop steward "
        "Lindiwe Zungu said. Port manager Craig Naidoo said the strike was illegal. “We will "
        "lock the gates,” the manager warned.",
        {"Our children": "Lindiwe Zungu", "We will lock": "Craig Naidoo"},
    ),
    "Nobel": News(
        "Japanese chemist Aiko Tanabe won the Nobel prize on Wednesday. “I thought it was my "
        "sister joking,” the 71-year-old told reporters in Kyoto. Her former student Ben Osei "
        "called her “the most stubborn person in chemistry”.",
        {"I thought it": "Aiko Tanabe", "the most stubborn": "Ben Osei"},
    ),
    "a resignation letter": News(
        "Culture Minister Pilar Ríos resigned on Sunday over a yacht. “I paid for my own "
        "sardines,” she wrote in her letter. In his reply, Prime Minister Andrés Molina "
        "thanked her for her “candour and her sardines”.",
        {"I paid": "Pilar Ríos", "candour and": "Andrés Molina"},
    ),
    "wildfire": News(
        "CHICO, Calif. (AP) — A wildfire destroyed 40 homes, officials said. “It sounded like "
        "a train,” said resident Doug Pruitt, 67, who fled with two dogs. Cal Fire spokeswoman "
        "Anita Reyes said winds would ease. “We get one good night,” the spokeswoman said.",
        {"It sounded": "Doug Pruitt", "We get one": "Anita Reyes"},
    ),
    "rapper and police": News(
        "Police in Kampala arrested singer Moses Ssali on Friday. “He sang without a permit,” "
        "police spokesman Luke Owoyesigyire said. The musician’s lawyer, Agnes Nandutu, "
        "laughed. “He breathes without one, too,” she said.",
        {"He sang": "Luke Owoyesigyire", "He breathes": "Agnes Nandutu"},
    ),
    "tech chief hearing": News(
        "Senator Lorna Whitby pressed Vireo chief executive Sam Teller about the leak. “When "
        "did you know?” she asked. “In March,” Mr Teller replied. “You told us May,” the "
        "senator said.",
        {"When did you": "Lorna Whitby", "In March": "Sam Teller", "You told us": "Lorna Whitby"},
    ),
    "a pope in Africa": News(
        "Pope Clement prayed with survivors in Goma. “I have no words, so I brought silence,” "
        "the pontiff said. Bishop Justin Mbala thanked him. “Silence is rare here,” the bishop "
        "said.",
        {"I have no": "Clement", "Silence is rare": "Justin Mbala"},
    ),
    "a golfer": News(
        "Sweden’s Maja Ekström leads the Open by two shots. “I putted like my dad,” the "
        "23-year-old said. Her father and caddie, Olle, disagreed. “I never putted like that,” "
        "he said.",
        {"I putted": "Maja Ekström", "I never putted": "Olle"},
    ),
    "a mayor and a councillor": News(
        "Mayor Tess Corrigan wants to ban cars. “Feet first,” is her slogan. Councillor Bob "
        "Hurley, who owns a garage, is against it. “She has a driver,” he said. The mayor "
        "denied it. “I have a bus pass,” she said.",
        {"She has a": "Bob Hurley", "I have a bus": "Tess Corrigan"},
    ),
    "UN envoy": News(
        "UN special envoy Leif Aronsen told the Security Council that Yemen was starving. “I "
        "counted the ribs of a boy,” the envoy said. Yemen’s ambassador, Huda al-Shami, wept. "
        "“He was my nephew’s age,” the ambassador said afterwards.",
        {"I counted": "Leif Aronsen", "He was my": "Huda al-Shami"},
    ),
    "bank robber": News(
        "A judge jailed Wayne Tibbs for nine years for robbing a bank with a banana. “It was "
        "ripe,” the 38-year-old told the court. Judge Prudence Okell was unmoved. “So are "
        "you,” she told the defendant.",
        {"It was ripe": "Wayne Tibbs", "So are you": "Prudence Okell"},
    ),
    "Pacific PM": News(
        "Tuvalu’s prime minister, Enele Talia, stood knee-deep in the sea. “We are not "
        "drowning, we are fighting,” Talia said. The prime minister will address the General "
        "Assembly next week.",
        {"We are not": "Enele Talia"},
    ),
    "start of season": News(
        "New signing Kwabena Owusu scored twice on his debut. “I dreamed it in blue,” the "
        "Ghanaian said. Boss Tony Fairlie kept his feet on the ground. “He missed three,” the "
        "manager said.",
        {"I dreamed": "Kwabena Owusu", "He missed": "Tony Fairlie"},
    ),
    "opposition leader jailed": News(
        "MINSK (Reuters) - Belarusian opposition leader Alena Karpovich was jailed for ten "
        "years on Tuesday. “See you sooner than you think,” she told the judge. Her husband, "
        "who lives in exile in Vilnius, said he was proud. “She smiled,” he said.",
        {"See you sooner": "Alena Karpovich", "She smiled": "Her husband"},
    ),
    "who spoke in a clause aside": News(
        "Asked about Hugh Pike, who has called the tax “a theft from the young”, Ivo Brand smiled. "
        "“Hugh is loud,” he said.",
        {"a theft": "Hugh Pike", "Hugh is loud": "Ivo Brand"},
    ),
    "an interviewer named before the verb": News(
        "Mayor Ines Duarte has lost her temper. In an interview with Rory Blake, the mayor called "
        "the fence “an insult with hinges”. “He asked,” she said.",
        {"an insult": "Ines Duarte"},
    ),
}


@pytest.mark.parametrize("news", NEWS.values(), ids=NEWS)
def test_who_said_it(news: News) -> None:
    assert speakers_of(news.text, news.said) == {
        begins: [name] for begins, name in news.said.items()
    }
