"""One bounded HTTP client: sizes, times and redirects are limited."""
