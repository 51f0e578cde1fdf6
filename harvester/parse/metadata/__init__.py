"""What a page states about itself: title, authors, times, language, tags, images."""
