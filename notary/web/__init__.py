"""The web application: API, pages and static files."""
