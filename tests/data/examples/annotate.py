from onrecord import annotate

extraction = annotate("“The pier will open in May,” Mara Lind, the harbour master, said.")
for quote in extraction.quotes:
    words = " … ".join(span.text for span in quote.content)
    print(f"{quote.speaker.name if quote.speaker else '?'}: {words}")
