"""Who the source of a quote turns out to be: names, descriptions and pronouns find their person."""
