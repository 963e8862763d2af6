"""Words whose forms follow no rule, and words that have none."""

_IRREGULAR = """
arise arises arose arisen arising
beat beats beaten beating
become becomes became becoming
begin begins began begun beginning
bend bends bent bending
bind binds bound binding
blow blows blew blown blowing
break breaks broke broken breaking
bring brings brought bringing
build builds built building buildings
buy buys bought buying
catch catches caught catching
child children
choose chooses chose chosen choosing
come comes came coming
crisis crises
cut cuts cutting
deal deals dealt dealing
draw draws drew drawn drawing drawings
drive drives drove driven driving
eat eats ate eaten eating
fall falls fell fallen falling
feed feeds fed feeding
feel feels felt feeling feelings
fight fights fought fighting
find finds found finding findings
fly flies flew flown flying
foot feet
forget forgets forgot forgotten forgetting
forgive forgives forgave forgiven forgiving
freeze freezes froze frozen freezing
get gets got gotten getting
give gives gave given giving
go goes went gone going
grow grows grew grown growing
half halves
hear hears heard hearing hearings
hide hides hid hidden hiding
hit hits hitting
hold holds held holding
hurt hurts hurting
keep keeps kept keeping
knife knives
know knows knew known knowing
lay lays laid laying
lead leads led leading
leave leaves left leaving
lend lends lent lending
let lets letting
lie lies lied lay lain lying
life lives
live lives lived living
lose loses lost losing
make makes made making
man men
mean means meant meaning
meet meets met meeting meetings
pay pays paid paying
person people persons
put puts putting
quit quits quitting
read reads reading
ride rides rode ridden riding
ring rings rang rung ringing
rise rises rose risen rising
run runs ran running
say says said saying
see sees saw seen seeing
seek seeks sought seeking
sell sells sold selling
send sends sent sending
set sets setting
shake shakes shook shaken shaking
shoot shoots shot shooting shootings
show shows showed shown showing
shut shuts shutting
sink sinks sank sunk sinking
sit sits sat sitting
speak speaks spoke spoken speaking
spend spends spent spending
split splits splitting
spread spreads spreading
stand stands stood standing
steal steals stole stolen stealing
strike strikes struck stricken striking
swear swears swore sworn swearing
swim swims swam swum swimming
take takes took taken taking
teach teaches taught teaching
tell tells told telling
think thinks thought thinking
throw throws threw thrown throwing
understand understands understood understanding
wear wears wore worn wearing
wife wives
win wins won winning
withdraw withdraws withdrew withdrawn withdrawing
woman women
write writes wrote written writing
"""
# Each form → all forms of its word. A form of two words ("lay", "lives") has those of both.
IRREGULAR: dict[str, frozenset[str]] = {}
for _line in _IRREGULAR.split("\n"):
    for _form in _line.split():
        IRREGULAR[_form] = IRREGULAR.get(_form, frozenset()) | frozenset(_line.split())

# Function words, and words that look like a form of another word.
_UNINFLECTED = """
about above after again against ago all almost also although always among and another any are
because been before being below between both but can cannot could did does done down during
each either ever every few for from had has have having her here hers herself him himself his
how indeed instead into its itself just least less lest many may maybe might more most much
must near neither never nor not nothing now off often once one only onto other others our ours
out over own per perhaps rather same seldom series shall she should since some something
sometimes soon species still such than that the their theirs them themselves then there these
they this those though through thus till too towards two under unless until upon was were what
when where whereas whether which while who whole whom whose why will with within without would
yes yet you your yours
news sis bus gas plus
athletics economics ethics mathematics physics politics statistics
"""
UNINFLECTED = frozenset(_UNINFLECTED.split())

# Regular endings without accents: of verbs in -ir, then of verbs in -er. Each has the endings that
# tell a verb, longer ones before shorter ones, and those that nouns have as well.
FRENCH_VERB_ENDINGS = tuple(
    (tuple(telling.split()), tuple(others.split()))
    for telling, others in (
        (
            "issaient issions issent issait issant issons issez iraient iront irait irent ir",
            "i is it ie ies ira",
        ),
        (
            "eraient eront erait erent aient erons erez ions ait ant ees era ent ons er ez ee",
            "e es a",
        ),
    )
)
