"""From parsed entries to articles: drafts, ids, revisions and near-duplicates."""
