"""What a page states beside its text: title, authors, dates, language."""
