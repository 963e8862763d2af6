"""What is none of an article's words goes, and every one of its words stays."""

import pytest

from onrecord.feeds.text.boilerplate import is_furniture, lasting, without_furniture


@pytest.mark.parametrize(
    "line",
    [
        "Read more",
        "Read more »",
        "Continue reading...",
        "Continue reading Pier to open in May",
        "Read the full story here",
        "Click here to subscribe to our newsletter",
        "Share this article",
        "Share on Facebook",
        "Share Tweet Email",
        "Facebook, Twitter, WhatsApp",
        "Follow us on Twitter @harbourpost",
        "Sign up for our newsletter",
        "Related stories:",
        "Advertisement",
        "Story continues below advertisement",
        "The post Pier to open in May appeared first on Harbour Post.",
        "This article was originally published on Harbour Post.",
        "© 2026 Harbour Post",
        "Photo: Ann Li/Harbour Post",
        "Image credit: Ann Li",
        "12 comments",
        "Comments (12)",
        "4 min read",
        "(Reporting by Ann Li in Strand; Editing by Bo Diaz)",
        "Reporting by Ann Li; additional reporting by Bo Diaz",
        "Source: Reuters",
        "Related: Ten piers to see",
        "Listen to this article",
        "REUTERS/Ann Li",
        "Filed under: News, Harbours",
        "Leave a comment",
        "Click to share on Facebook (Opens in new window)",
        "Loading...",
        "Join our WhatsApp channel to get breaking news.",
        "Join our community!",
        "Follow our Telegram channel for the latest news",
        "Support independent journalism: donate today.",
        # markup that was escaped, shortcodes, places of a template
        '<div class="ad" id="slot-3"></div>',
        "<br /> <!-- ad -->",
        '[caption id="attachment_1" width="300"]',
        "[/vc_column][/vc_row]",
        "{{ ad.slot }}",
        "{% include 'ad.html' %}",
    ],
)
def test_boilerplate_goes(line: str) -> None:
    assert is_furniture(line)
    assert without_furniture(["The pier opened.", line]) == ["The pier opened."]


@pytest.mark.parametrize(
    "line",
    [
        "“Read more,” the minister told pupils.",
        "Read more slowly, she advised, " + "and keep a pencil at hand, " * 6 + "please.",
        "Share prices fell on Monday.",
        "Shares in the harbour company rose.",
        "Twitter said it would appeal.",
        "Facebook and Twitter refused.",
        "More people came than last year.",
        "Related companies were searched.",
        "By Monday, the bridge was closed.",
        "Photo booths were closed.",
        "<p> is a paragraph, <br> a line break.",
        "<system>",
        "[sic] was all she wrote.",
        "[…]",
        "Journalism is in trouble.",
        "Join our boat, the captain told them.",
        "Join our community, Mayor Lind told residents on Monday.",
        "The post was vacant for a year.",
        "Views differ.",
        "Reporting by local papers suggests that the pier was closed.",
        "Reuters reported it first.",
        "Sources: they would not say.",
        "Source: It was the mayor who said so. We all heard it.",
        "Tags were cut off.",
        '"Advertisement"',
    ],
)
def test_news_stays(line: str) -> None:
    assert without_furniture(["The pier opened.", line]) == ["The pier opened.", line]


@pytest.mark.parametrize(
    "tail",
    [" Read more", " ... Read more »", "… Continue reading →", " [Read more…]", " (read more)"],
)
def test_a_tail_goes_and_leaves_the_words_before_it(tail: str) -> None:
    assert without_furniture([f"The pier opened on Monday.{tail}"]) == [
        "The pier opened on Monday."
    ]


def test_a_byline_goes_from_the_top_and_only_from_there() -> None:
    assert without_furniture(["By Ann Li, Harbour Correspondent", "One.", "By Ann Li"]) == [
        "One.",
        "By Ann Li",
    ]
    assert without_furniture(["By Ann Li"]) == ["By Ann Li"], "all there is"


@pytest.mark.parametrize(
    "line",
    ["Updated 12:04", "Last updated: 5 minutes ago", "3 hours ago", "1,204 views", "7 Comments",
     "Published at 10.30 GMT", "Generated at 2026-11-25 09:00:11", "Current time: 12:00:01 UTC",
     "2026-11-25 12:00:01", "Page generated in 0.123 seconds", "Views: 12", "It is now 12:05",
     "37 people are reading this"],
)  # fmt: skip
def test_clocks_and_counters_pass(line: str) -> None:
    assert lasting(f"One.\n\n{line}\n\nTwo.") == "One.\n\nTwo."
    assert lasting(f"One. {line}") == "One."


def test_what_happened_at_a_time_is_news() -> None:
    text = (
        "The report was published in 2026.\n\nThe train left at 12:04.\n\nTwo hours ago it rained."
        "\n\nShe ran. She won in 2:01:39.\n\nThe vote was held. It was adopted by 12 votes."
        "\n\nHe was late. The time was set at 12:04."
    )
    assert lasting(text) == text
