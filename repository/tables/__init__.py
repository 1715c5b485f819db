"""Looking into tables (CSV, TSV, XLSX, Parquet): opened safely, described, asked for rows."""
