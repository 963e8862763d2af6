"""Reading the results: topics as streams of records, from any point, filtered."""
