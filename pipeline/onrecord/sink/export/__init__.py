"""Results as files for other tools: tables (CSV, JSON lines, Parquet) and Web Annotations."""
