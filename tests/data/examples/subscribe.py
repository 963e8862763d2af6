from onrecord import subscribe

with subscribe(
    "quotes", speaker="lavrov", since="earliest", until="end", group="fact-check"
) as quotes:
    for found in quotes:
        words = " … ".join(span.text for span in found.quote.content)
        print(f"{found.quote.speaker.name}: {words}")
