"""The tables of an archive's file; docs/archive.md describes them for other programs.

A quote's `seq` is the minute of its publication (since 1970, UTC) times 4,096, and a number in
that minute. `quote` holds facts, `body` words; `search` is the full-text index over folded words
(`said`, `who`, `title`) and filters (`tags`): it stores no texts, so that an entry is deleted by
giving it the same words again. `article.entities`, `article.ref` and `revision.record` are JSON, as
in onrecord's records, without what stands in other columns.
"""

from onrecord.archive.sqlite.tallies import MONTHS
from onrecord.errors import ArchiveRefused
from onrecord.log.sqlite.database import Database

# 1: the first. 2: with categories and sections. 3: titles are searched. A file of another format
# is rebuilt.
FORMAT = 3
# What is carried over into a rebuilt file is read as it is since this format.
OLDEST_CARRIED = 1
# "ornd" in ASCII: tells an archive from any other SQLite file.
APPLICATION_ID = 0x6F726E64

_TABLES = f"""
CREATE TABLE position (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE publisher (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE reason (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE language (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE name (
    n INTEGER PRIMARY KEY, name TEXT NOT NULL, fixed TEXT NOT NULL, key TEXT NOT NULL,
    person TEXT, UNIQUE (name, fixed)
);
CREATE INDEX name_key ON name (key);
CREATE INDEX name_person ON name (person) WHERE person IS NOT NULL;
CREATE TABLE name_word (
    word TEXT NOT NULL, name INTEGER NOT NULL, PRIMARY KEY (word, name)
) WITHOUT ROWID;
CREATE TABLE person_of (key TEXT PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE correction (
    quote TEXT PRIMARY KEY, person TEXT, is_rejected INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE article (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL,
    at INTEGER NOT NULL, publisher INTEGER, language INTEGER, story TEXT,
    ref TEXT NOT NULL, entities TEXT NOT NULL, notes TEXT NOT NULL, extracted_at TEXT,
    extractor INTEGER
);
CREATE INDEX article_at ON article (at);
CREATE INDEX article_story ON article (story) WHERE story IS NOT NULL;
CREATE TABLE revision (
    article INTEGER NOT NULL, revision INTEGER NOT NULL,
    record TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (article, revision)
);
CREATE TABLE quote (
    seq INTEGER PRIMARY KEY, article INTEGER NOT NULL, publisher INTEGER, language INTEGER,
    type INTEGER NOT NULL, speaker INTEGER, about TEXT, confidence INTEGER NOT NULL,
    id_key INTEGER NOT NULL, words_key INTEGER NOT NULL, is_rejected INTEGER
);
CREATE INDEX quote_article ON quote (article);
CREATE INDEX quote_id ON quote (id_key);
CREATE INDEX quote_words ON quote (words_key);
CREATE TABLE body (
    seq INTEGER PRIMARY KEY, detail TEXT NOT NULL, context TEXT, reason INTEGER
);
CREATE TABLE replaced (
    id TEXT PRIMARY KEY, article INTEGER NOT NULL, revision INTEGER NOT NULL,
    words TEXT NOT NULL, speaker TEXT, became TEXT
) WITHOUT ROWID;
CREATE INDEX replaced_article ON replaced (article);
CREATE TABLE volume (hour INTEGER PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE tally (
    kind TEXT NOT NULL, name INTEGER NOT NULL, month INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (kind, name, month)
) WITHOUT ROWID;
CREATE TABLE gone (article TEXT PRIMARY KEY, is_whole INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE extractor (n INTEGER PRIMARY KEY, record TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE search USING fts5(
    said, who, title, tags, content='', columnsize=0, tokenize='ascii'
);
CREATE VIEW quotes AS
    SELECT quote.seq, article.id AS article, article.revision,
        datetime((quote.seq >> 12) * 60, 'unixepoch') AS published,
        json_extract(article.ref, '$.title') AS title, json_extract(article.ref, '$.url') AS url,
        publisher.name AS publisher, language.name AS language,
        CASE quote.type WHEN 0 THEN 'direct' WHEN 1 THEN 'mixed' ELSE 'indirect' END AS type,
        (SELECT group_concat(
            CASE WHEN json_array_length(span.value) > 2 THEN json_extract(span.value, '$[2]')
            ELSE substr(coalesce(body.context, revision.text),
                json_extract(span.value, '$[0]') + 1
                    - CASE WHEN body.context IS NULL THEN 0
                      ELSE json_extract(body.detail, '$[4][0]') END,
                json_extract(span.value, '$[1]') - json_extract(span.value, '$[0]')) END,
            ' […] ') FROM json_each(body.detail, '$[0]') AS span) AS words,
        name.name AS speaker, name.person AS person,
        quote.confidence / 1000.0 AS confidence
    FROM quote JOIN body USING (seq) JOIN article ON article.n = quote.article
        LEFT JOIN revision ON revision.article = article.n AND revision.revision = article.revision
        LEFT JOIN publisher ON publisher.n = quote.publisher
        LEFT JOIN language ON language.n = quote.language
        LEFT JOIN name ON name.n = quote.speaker
    WHERE quote.is_rejected IS NULL;
CREATE VIEW quotes_by_month AS
    SELECT tally.kind, name.name, name.person, {MONTHS} AS month, tally.n AS quotes
    FROM tally JOIN name ON name.n = tally.name;
"""


def create_tables(db: Database) -> None:
    """Make the tables of a new file, unless another process did."""
    db.execute("PRAGMA journal_mode = WAL")
    with db.write():
        if db.number("PRAGMA user_version") == 0:
            for statement in _TABLES.split(";\n"):
                if statement.strip():
                    db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.set_format(FORMAT)


def check_format(db: Database, *, oldest: int = FORMAT) -> None:
    """Raises ArchiveRefused for a file that is not an archive of this version, or down to one."""
    if db.number("PRAGMA application_id") != APPLICATION_ID:
        raise ArchiveRefused(f"{db.path} is not an onrecord archive: name another file")
    found = db.number("PRAGMA user_version")
    if not oldest <= found <= FORMAT:
        raise ArchiveRefused(
            f"{db.path} is an archive of format {found}, and this onrecord reads format {FORMAT}: "
            "`onrecord archive rebuild` makes it anew"
        )
