"""Backlogs from elsewhere: what was published before we followed it, into the articles topic.

A **source** is what a person names: a file, a folder, standard input. It gives **pieces**, one
after the other, each with the mark at which reading goes on after it:

    streams.py    bytes of a file, whatever it is compressed with
    sources.py    from a source to its pieces; what kind a file is
    lines.py      a JSON line's article
    documents.py  the articles of a feed or a page
    ready.py      articles encoded where they are read
    warc.py       the records of a web archive
    progress.py   how far each source was read
    importer.py   pieces to articles on the topic, each once, with how far it came
    rejects.py    the file that keeps what could not be read
"""
