"""`onrecord people merge`, `split`, `rename`, `correct`, `forget` and `undo`: said by hand."""

from typing import Annotated

import typer

from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say
from onrecord.cli.people_opened import people_opened
from onrecord.cli.people_quote import find_quote
from onrecord.errors import Mistake

Who = Annotated[str, typer.Argument(help="A person's id (its first digits do), or name.")]
ByOption = Annotated[str | None, typer.Option("--by", help="In whose name [default: the user's].")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, kept with the judgement.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def merge_people(
    left: Who,
    right: Who,
    yes: YesOption = False,
    by: ByOption = None,
    why: WhyOption = "",
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Say that two people are one; three quotes of each are shown first.

    Example: onrecord people merge 3fa94c0d21 8812aa07fe
    """
    with people_opened(settings(config, log), to_write=True) as opened:
        one, other = opened.one(left), opened.one(right)
        judgements = opened.editor(by).merge(one.id, other.id, why=why)
        opened.ask("one person?", one, other, yes=yes)
        opened.write(judgements)


def split_person(
    name: Annotated[str, typer.Argument(help="The id of the name, as `people show` has it.")],
    article: Annotated[
        list[str] | None, typer.Option("--article", help="An article that is the other's.")
    ] = None,
    quote: Annotated[
        list[str] | None, typer.Option("--quote", help="A quote that is the other's.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", help="Words of roles that are the other's.")
    ] = None,
    by: ByOption = None,
    why: WhyOption = "",
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Take a name out of a person, or tell two people of one name apart.

    Without options the name becomes a person of its own. With an article, a quote or a role, what
    stands there is another person's of the same name.

    Example: onrecord people split 8812aa07fe --role swimmer
    """
    with people_opened(settings(config, log), to_write=True) as opened:
        editor = opened.editor(by)
        if article or quote or role:
            judgements = editor.split_namesake(
                name, articles=article or (), quotes=quote or (), role=role, why=why
            )
        else:
            judgements = editor.split(name, why=why)
        opened.write(judgements)


def rename_person(
    who: Who,
    name: Annotated[str, typer.Argument(help="The name to show.")],
    by: ByOption = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show a person by another name.

    Example: onrecord people rename 3fa94c0d21 "Sergey V. Lavrov"
    """
    with people_opened(settings(config, log), to_write=True) as opened:
        opened.write(opened.editor(by).rename(opened.one(who).id, name))


def correct_quote(
    quote: Annotated[str, typer.Argument(help="The id of a quote.")],
    speaker: Annotated[
        str | None, typer.Option("--speaker", help="Whose it is: a person's id or name.")
    ] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It is nobody's who is known.")] = False,
    not_a_quote: Annotated[
        bool, typer.Option("--not-a-quote", help="Nobody said it: it is no quote.")
    ] = False,
    by: ByOption = None,
    why: WhyOption = "",
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Correct the speaker of one quote, or say that it is none.

    Example: onrecord people correct 7f92a01cf988 --speaker "mara lind"
    """
    if [speaker is not None, nobody, not_a_quote].count(True) != 1:
        raise Mistake("say one of --speaker, --nobody and --not-a-quote")
    with people_opened(settings(config, log), to_write=True) as opened:
        found = find_quote(opened, quote)
        editor, article = opened.editor(by), found.article.id
        content = found.quote.content
        span = content[0].start, content[-1].end
        if not_a_quote:
            judgements = editor.reject_quote(found.quote.id, article=article, span=span, why=why)
        else:
            person = None if speaker is None else opened.one(speaker).id
            judgements = editor.correct_speaker(
                found.quote.id, person, article=article, span=span, why=why
            )
        opened.write(judgements)


def forget_person(
    who: Who,
    yes: YesOption = False,
    by: ByOption = None,
    why: WhyOption = "",
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Keep and show a person no longer: names, roles and judgements are gone from the registry.

    Articles and extractions in the log stay as they are; so do judgements, which have ids of names,
    and names given by `rename`.

    Example: onrecord people forget 3fa94c0d21
    """
    with people_opened(settings(config, log), to_write=True) as opened:
        person = opened.one(who)
        opened.ask(f"forget {person.name}?", person, yes=yes)
        opened.write(opened.editor(by).forget(person.id, why=why))
    say("articles and extractions that name them stay in the log until retention removes them")


def undo_judgement(
    judgement: Annotated[str, typer.Argument(help="A judgement's id, as `people show` has it.")],
    by: ByOption = None,
    why: WhyOption = "",
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Take a judgement back, a rule's or a person's.

    Example: onrecord people undo 1c77de90ab
    """
    with people_opened(settings(config, log), to_write=True) as opened:
        opened.write(opened.editor(by).undo(judgement, why=why))
