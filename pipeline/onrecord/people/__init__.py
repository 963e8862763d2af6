"""People across articles: who is who, by names, judgements and roles.

    spelling        a name in one spelling, whatever its transliteration
    likeness        what two names say of being one person's
    offices         what a role says: an office and a country
    clusters        the people that judgements make of names
    registry        names seen + judgements = people; asked by name, office and id
    resolving       the people of an extraction, and corrections of its quotes
    judgement_book  judgements written, exactly once
    deriving        the consumer that keeps `onrecord.people`
    live            the registry as read from a log, kept up to date

Nothing here is stored in an extraction: people are resolved when a record is read.
"""
