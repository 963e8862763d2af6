"""Turns parsed entries into articles: drafts, ids, revisions and near-duplicates."""
