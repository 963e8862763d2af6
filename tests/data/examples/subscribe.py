from onrecord import subscribe

with subscribe(
    "quotes", speaker="lavrov", since="earliest", until="end", group="fact-check"
) as quotes:
    for found in quotes:
        words = " … ".join(span.text for span in found.quote.content)
        speaker = found.quote.speaker
        print(f"{speaker.name if speaker else '?'}: {words}")
